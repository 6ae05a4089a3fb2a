/* The busy handler: what a connection does while somebody else has the write lock. */
#ifndef LOCKKEEPER_BUSY_H
#define LOCKKEEPER_BUSY_H

#include "connection.h"

void busy_install(Connection *connection);
/* From any thread, with the registry's mutex held: ends the wait under way, or the next one. */
void busy_cancel(Connection *connection);

#endif
