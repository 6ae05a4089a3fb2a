/*
** The lock shim: stands between SQLite and the open database file, passes everything on, and sees the write lock taken
** and released. In WAL mode that lock lives in xShmLock (https://sqlite.org/walformat.html#locks, WAL_WRITE_LOCK).
**
** It wraps the methods of this one open file, not the process's default VFS: other databases of the process never meet it,
** and it works on a connection that is open already.
*/
#ifndef LOCKKEEPER_SHIM_H
#define LOCKKEEPER_SHIM_H

#include "connection.h"

/* Returns NULL, or why it can't: a sentence to be freed with sqlite3_free. */
char *shim_install(Connection *connection);

#endif
