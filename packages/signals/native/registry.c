#include "registry.h"
#include <pthread.h>
#include "busy.h"

SQLITE_EXTENSION_INIT3

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static Connection *first = NULL;
static uint32_t last_id = 0;

void registry_add(Connection *connection) {
  pthread_mutex_lock(&mutex);
  connection->id = ++last_id;
  connection->next = first;
  first = connection;
  pthread_mutex_unlock(&mutex);
}

void registry_remove(Connection *connection) {
  pthread_mutex_lock(&mutex);
  for (Connection **at = &first; *at != NULL; at = &(*at)->next) {
    if (*at == connection) {
      *at = connection->next;
      break;
    }
  }
  pthread_mutex_unlock(&mutex);
}

/* With the mutex held. */
static Connection *find(int64_t id) {
  Connection *at = first;
  while (at != NULL && at->id != id) at = at->next;
  return at;
}

/*
** The mutex is held during the call, so that the connection can't be freed under it: a connection that closes leaves the
** registry before SQLite frees it (https://sqlite.org/c3ref/interrupt.html asks for just that).
*/
int registry_interrupt(int64_t id) {
  pthread_mutex_lock(&mutex);
  Connection *connection = find(id);
  if (connection != NULL) sqlite3_interrupt(connection->db);
  pthread_mutex_unlock(&mutex);
  return connection != NULL;
}

int registry_wake(int64_t id) {
  pthread_mutex_lock(&mutex);
  Connection *connection = find(id);
  if (connection != NULL) busy_cancel(connection);
  pthread_mutex_unlock(&mutex);
  return connection != NULL;
}
