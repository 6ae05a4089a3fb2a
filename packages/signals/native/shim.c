#include "shim.h"
#include <string.h>
#include "queue.h"

SQLITE_EXTENSION_INIT3

/* Lock 0 of the eight in the -shm file: https://sqlite.org/walformat.html#locks. */
#define WAL_WRITE_LOCK 0

struct Shim {
  sqlite3_io_methods methods; /* first: the file's pMethods points here, and so leads to the rest */
  const sqlite3_io_methods *wrapped;
  Connection *connection;
  int holds;
};

static Shim *shim_of(sqlite3_file *file) {
  return (Shim *)file->pMethods;
}

static void released(Shim *shim) {
  if (!shim->holds) return;
  shim->holds = 0;
  queue_on_released(shim->connection);
}

static int shm_lock(sqlite3_file *file, int offset, int count, int flags) {
  Shim *shim = shim_of(file);
  const int is_write_lock = offset == WAL_WRITE_LOCK && (flags & SQLITE_SHM_EXCLUSIVE) != 0;
  if (!is_write_lock) return shim->wrapped->xShmLock(file, offset, count, flags);
  if ((flags & SQLITE_SHM_LOCK) == 0) {
    const int rc = shim->wrapped->xShmLock(file, offset, count, flags);
    released(shim);
    return rc;
  }
  if (queue_must_defer(shim->connection)) return SQLITE_BUSY;
  const int rc = shim->wrapped->xShmLock(file, offset, count, flags);
  if (rc == SQLITE_OK) {
    shim->holds = 1;
    queue_on_taken(shim->connection);
  }
  return rc;
}

static int shm_unmap(sqlite3_file *file, int delete_flag) {
  Shim *shim = shim_of(file);
  const int rc = shim->wrapped->xShmUnmap(file, delete_flag);
  released(shim);
  return rc;
}

static int close_file(sqlite3_file *file) {
  Shim *shim = shim_of(file);
  file->pMethods = shim->wrapped;
  const int rc = shim->wrapped->xClose(file);
  released(shim);
  shim->connection->shim = NULL;
  connection_release(shim->connection);
  sqlite3_free(shim);
  return rc;
}

char *shim_install(Connection *connection) {
  sqlite3_file *file = NULL;
  sqlite3_file_control(connection->db, "main", SQLITE_FCNTL_FILE_POINTER, &file);
  if (file == NULL || file->pMethods == NULL) return sqlite3_mprintf("the database has no file");
  /* Methods of version 2 and later have shared memory: https://sqlite.org/c3ref/io_methods.html. */
  if (file->pMethods->iVersion < 2 || file->pMethods->xShmLock == NULL)
    return sqlite3_mprintf("the database's file system has no shared memory");
  Shim *shim = sqlite3_malloc64(sizeof *shim);
  if (shim == NULL) return sqlite3_mprintf("out of memory");
  memset(shim, 0, sizeof *shim);
  shim->methods = *file->pMethods;
  shim->methods.xShmLock = shm_lock;
  shim->methods.xShmUnmap = shm_unmap;
  shim->methods.xClose = close_file;
  shim->wrapped = file->pMethods;
  shim->connection = connection;
  connection->shim = shim;
  connection->users++;
  file->pMethods = &shim->methods;
  return NULL;
}
