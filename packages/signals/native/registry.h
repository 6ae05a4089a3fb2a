/* Every open connection of the process by its id, so that one thread can signal to another's. */
#ifndef LOCKKEEPER_REGISTRY_H
#define LOCKKEEPER_REGISTRY_H

#include "connection.h"

void registry_add(Connection *connection);
/* After it no other thread reaches the connection any more. */
void registry_remove(Connection *connection);
/* Both return whether the connection is open. */
int registry_interrupt(int64_t id);
int registry_wake(int64_t id);

#endif
