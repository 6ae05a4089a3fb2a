/*
** Lockkeeper's signals: a loadable SQLite extension. It gives a connection lock waits that end when the lock is released,
** interrupts from another thread, a profile of its statements, and the tables its transactions touch.
**
** The whole face is one SQL function, lockkeeper_signals(key, command, ...), of which packages/signals/src/signals.ts is
** the TypeScript side. The key is handed out once per connection, to whoever loads the extension: the app's own SQL, which
** runs on the same connection, does not have it.
*/
#include <pthread.h>
#include <string.h>
#include "sqlite3ext.h"
#include "busy.h"
#include "connection.h"
#include "json.h"
#include "queue.h"
#include "registry.h"
#include "shim.h"
#include "sleep.h"

SQLITE_EXTENSION_INIT1

/* The oldest SQLite with all that is used here, as core asks for: https://sqlite.org/changes.html. */
#define SQLITE_VERSION_MIN 3051003

static const char client_data[] = "lockkeeper_signals";

static void answer_json(sqlite3_context *context, char *json) {
  if (json == NULL) sqlite3_result_null(context);
  else sqlite3_result_text(context, json, -1, sqlite3_free);
}

static void hand_out_key(sqlite3_context *context, Connection *connection) {
  if (connection->opened) {
    sqlite3_result_error(context, "lockkeeper_signals() was called before: its key belongs to Lockkeeper", -1);
    return;
  }
  connection->opened = 1;
  answer_json(context, sqlite3_mprintf("{\"version\":%d,\"connection\":%u,\"key\":\"%s\"}", LOCKKEEPER_PROTOCOL,
                                       connection->id, connection->key));
}

static void watch(sqlite3_context *context, Connection *connection, const char *role) {
  if (strcmp(role, "writer") != 0 && strcmp(role, "reader") != 0) {
    sqlite3_result_error(context, "lockkeeper_signals: no such role", -1);
    return;
  }
  if (connection->profile.entries != NULL || !profile_watch(connection)) {
    sqlite3_result_error(context, "this connection is watched already, or there is no memory for it", -1);
    return;
  }
  char *notice = NULL;
  if (strcmp(role, "writer") == 0) {
    connection->is_writer = 1;
    connection->changes_seen = sqlite3_total_changes64(connection->db);
    tables_watch(connection);
    notice = room_open(&connection->room, sqlite3_db_filename(connection->db, "main"));
    if (notice == NULL) notice = shim_install(connection);
    /* Without the shim nobody would hear of our releases, so we don't queue either. */
    if (connection->shim == NULL) room_close(&connection->room);
    busy_install(connection);
  }
  const char *waits = connection->room.page == NULL ? "sleeping" : sleep_is_evented ? "futex" : "polling";
  sqlite3_str *json = sqlite3_str_new(NULL);
  sqlite3_str_appendf(json, "{\"waits\":\"%s\",\"notice\":", waits);
  if (notice == NULL) sqlite3_str_appendall(json, "null");
  else json_append_text(json, notice);
  sqlite3_str_appendall(json, "}");
  sqlite3_free(notice);
  answer_json(context, sqlite3_str_finish(json));
}

static char *touched_json(Connection *connection) {
  char *json = tables_json(&connection->touched);
  tables_clear(&connection->touched);
  return json;
}

static char *waits_json(const LockWaits *waits) {
  return sqlite3_mprintf(
      "{\"waits\":%lld,\"waitedMs\":%.3f,\"woken\":%lld,\"polled\":%lld,\"timedOut\":%lld,\"deferred\":%lld}",
      waits->waits, (double)waits->waited_us / 1000.0, waits->woken, waits->polled, waits->timed_out, waits->deferred);
}

static void run_command(sqlite3_context *context, Connection *connection, const char *command, sqlite3_value *value) {
  const char *text = value == NULL ? NULL : (const char *)sqlite3_value_text(value);
  if (strcmp(command, "touched") == 0) answer_json(context, touched_json(connection));
  else if (strcmp(command, "profile") == 0) answer_json(context, profile_take(&connection->profile));
  else if (strcmp(command, "waits") == 0) answer_json(context, waits_json(&connection->waits));
  else if (text == NULL) sqlite3_result_error(context, "lockkeeper_signals: no such command, or it wants a value", -1);
  else if (strcmp(command, "prepared") == 0) profile_on_prepared(connection, text);
  else if (strcmp(command, "wait") == 0) connection->wait_ms_max = sqlite3_value_int(value);
  else if (strcmp(command, "watch") == 0) watch(context, connection, text);
  else if (strcmp(command, "interrupt") == 0)
    sqlite3_result_int(context, registry_interrupt(sqlite3_value_int64(value)));
  else if (strcmp(command, "wake") == 0)
    sqlite3_result_int(context, registry_wake(sqlite3_value_int64(value)));
  else sqlite3_result_error(context, "lockkeeper_signals: no such command", -1);
}

static void signals(sqlite3_context *context, int count, sqlite3_value **values) {
  Connection *connection = sqlite3_user_data(context);
  if (count == 0) {
    hand_out_key(context, connection);
    return;
  }
  const char *key = (const char *)sqlite3_value_text(values[0]);
  const char *command = count > 1 ? (const char *)sqlite3_value_text(values[1]) : NULL;
  if (key == NULL || command == NULL || strcmp(key, connection->key) != 0)
    sqlite3_result_error(context, "lockkeeper_signals is Lockkeeper's own", -1);
  else run_command(context, connection, command, count > 2 ? values[2] : NULL);
}

void connection_release(Connection *connection) {
  if (--connection->users > 0) return;
  queue_leave(connection);
  room_close(&connection->room);
  profile_free(&connection->profile);
  tables_clear(&connection->touched);
  unseen_clear(&connection->compiling);
  sqlite3_free(connection);
}

/* The app may have put a function of its own in our function's place. */
static void on_function_gone(void *argument) {
  connection_release(argument);
}

/* The connection begins to close; its file is closed after this, its memory freed after that. */
static void on_closing(void *argument) {
  Connection *connection = argument;
  sqlite3 *db = connection->db;
  registry_remove(connection);
  sqlite3_trace_v2(db, 0, NULL, NULL);
  if (connection->is_writer) {
    sqlite3_busy_handler(db, NULL, NULL);
    sqlite3_update_hook(db, NULL, NULL);
    sqlite3_rollback_hook(db, NULL, NULL);
    sqlite3_set_authorizer(db, NULL, NULL);
  }
  connection_release(connection);
}

static void make_key(char key[33]) {
  unsigned char random[16];
  sqlite3_randomness(sizeof random, random);
  for (int at = 0; at < 16; at++) sqlite3_snprintf(3, key + at * 2, "%02x", random[at]);
}

/* Every load hands in the same routines. They are noted once: other threads use them while this one loads. */
static void note_routines(const sqlite3_api_routines *api) {
  static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_mutex_lock(&mutex);
  if (sqlite3_api != api) SQLITE_EXTENSION_INIT2(api);
  pthread_mutex_unlock(&mutex);
}

#ifdef __GNUC__
__attribute__((visibility("default")))
#endif
int sqlite3_extension_init(sqlite3 *db, char **error, const sqlite3_api_routines *api) {
  note_routines(api);
  if (sqlite3_libversion_number() < SQLITE_VERSION_MIN) {
    *error = sqlite3_mprintf("this extension wants SQLite 3.51.3 or later");
    return SQLITE_ERROR;
  }
  if (sqlite3_get_clientdata(db, client_data) != NULL) {
    *error = sqlite3_mprintf("this connection has loaded the extension already");
    return SQLITE_ERROR;
  }
  Connection *connection = sqlite3_malloc64(sizeof *connection);
  if (connection == NULL) return SQLITE_NOMEM;
  memset(connection, 0, sizeof *connection);
  connection->db = db;
  connection->slot = -1;
  connection->room.fd = -1;
  connection->users = 1;
  make_key(connection->key);
  registry_add(connection);
  /* On failure, SQLite calls the destructor of what it was given. */
  int rc = sqlite3_set_clientdata(db, client_data, connection, on_closing);
  if (rc != SQLITE_OK) return rc;
  connection->users++;
  const int flags = SQLITE_UTF8 | SQLITE_DIRECTONLY;
  rc = sqlite3_create_function_v2(db, "lockkeeper_signals", -1, flags, connection, signals, NULL, NULL, on_function_gone);
  /* SQLite unloads what failed to load: nothing may be left that calls into it. */
  if (rc != SQLITE_OK) sqlite3_set_clientdata(db, client_data, NULL, NULL);
  /* Its code must outlive every connection's close, in which it takes part. */
  return rc == SQLITE_OK ? SQLITE_OK_LOAD_PERMANENTLY : rc;
}
