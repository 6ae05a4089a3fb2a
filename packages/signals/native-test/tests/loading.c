/* Loading the extension: twice, in the way of others, and when there is no memory. */
#include <stdlib.h>
#include <string.h>
#include "../harness/client.h"
#include "../harness/processes.h"

static void on_call(sqlite3_context *context, int count, sqlite3_value **values) {
  (void)count;
  (void)values;
  sqlite3_result_text(context, "the app's own", -1, SQLITE_STATIC);
}

static int create_own(sqlite3 *db) {
  return sqlite3_create_function_v2(db, "lockkeeper_signals", -1, SQLITE_UTF8, NULL, on_call, NULL, NULL, NULL);
}

TEST("loading twice is refused, and the connection keeps its key and its watch") {
  Client *client = open_writer("a.db");
  char *error = NULL;
  for (int at = 0; at < 3; at++) {
    CHECK_INT(load_extension(client->db, &error), SQLITE_ERROR);
    CHECK_SAYS(error, "loaded the extension already");
    sqlite3_free(error);
  }
  CHECK_INT(number_in_json(ask(client, "waits"), "$.waits"), 0);
  must(client->db, "create table t (x)");
  CHECK_TEXT(ask(client, "touched"), "[\"t\"]");
  close_client(client);
}

TEST("connections that load it without ever asking for the key close cleanly") {
  for (int at = 0; at < 10; at++) {
    sqlite3 *db = open_plain("a.db");
    CHECK_INT(load_extension(db, NULL), SQLITE_OK);
    close_plain(db);
  }
}

TEST("an app that puts a function of its own in the place of ours can go on and close, watched or not") {
  const char *roles[] = {NULL, "reader", "writer"};
  for (int at = 0; at < 3; at++) {
    Client *client = open_client("a.db");
    sqlite3 *db = client->db;
    must(db, "pragma journal_mode = wal; create table if not exists t (x)");
    if (roles[at] != NULL) tell(client, "watch", roles[at]);
    Client *other = open_client("a.db");
    const sqlite3_int64 id = client->id;
    forget_client(client);
    CHECK_INT(create_own(db), SQLITE_OK);
    CHECK_TEXT(text_of(db, "select lockkeeper_signals(1, 2)"), "the app's own");
    must(db, "begin immediate; insert into t values (1); commit; delete from t");
    CHECK_INT(tell_number(other, "interrupt", id), 1);
    CHECK_INT(tell_number(other, "wake", id), 1);
    close_plain(db);
    CHECK_INT(tell_number(other, "interrupt", id), 0);
    close_client(other);
  }
}

TEST("what outlives a connection whose function the app has replaced meets nothing that is gone") {
  const char *roles[] = {"reader", "writer"};
  for (int at = 0; at < 4; at++) {
    Client *client = open_client(at < 2 ? ":memory:" : "a.db");
    sqlite3 *db = client->db;
    tell(client, "watch", roles[at % 2]);
    tell_number(client, "wait", 10);
    forget_client(client);
    CHECK_INT(create_own(db), SQLITE_OK);
    must(db, "create table if not exists t (x); insert into t values (1), (2), (3); begin");
    sqlite3_stmt *statement = NULL;
    sqlite3_prepare_v2(db, "delete from t returning x", -1, &statement, NULL);
    CHECK_INT(sqlite3_step(statement), SQLITE_ROW);
    CHECK_INT(sqlite3_close_v2(db), SQLITE_OK);
    CHECK_INT(sqlite3_step(statement), SQLITE_ROW);
    sqlite3_finalize(statement);
  }
}

TEST("where the app's own function of that name is in use, loading fails and the connection goes on") {
  sqlite3 *db = open_plain("a.db");
  must(db, "create table t (x); insert into t values (1), (2)");
  CHECK_INT(create_own(db), SQLITE_OK);
  sqlite3_stmt *statement = NULL;
  CHECK_INT(sqlite3_prepare_v2(db, "select lockkeeper_signals(x) from t", -1, &statement, NULL), SQLITE_OK);
  CHECK_INT(sqlite3_step(statement), SQLITE_ROW);
  CHECK(load_extension(db, NULL) != SQLITE_OK);
  CHECK_INT(sqlite3_step(statement), SQLITE_ROW);
  CHECK_INT(sqlite3_step(statement), SQLITE_DONE);
  sqlite3_finalize(statement);
  /* Nothing has stayed behind: now it can be loaded. */
  close_client(client_on(db));
}

/* An allocator that fails at one chosen call, and at all after it if so told. */
static sqlite3_mem_methods system_memory;
static int calls_left = -1; /* -1: it does not fail */
static int stays_failed = 0;

static int fails(void) {
  if (calls_left < 0) return 0;
  if (calls_left > 0) {
    calls_left--;
    return 0;
  }
  if (!stays_failed) calls_left = -1;
  return 1;
}

static void *allocate(int bytes) {
  return fails() ? NULL : system_memory.xMalloc(bytes);
}

static void *reallocate(void *memory, int bytes) {
  return fails() ? NULL : system_memory.xRealloc(memory, bytes);
}

static void install_failing_memory(void) {
  sqlite3_mem_methods failing;
  CHECK_INT(sqlite3_config(SQLITE_CONFIG_GETMALLOC, &system_memory), SQLITE_OK);
  failing = system_memory;
  failing.xMalloc = allocate;
  failing.xRealloc = reallocate;
  CHECK_INT(sqlite3_config(SQLITE_CONFIG_MALLOC, &failing), SQLITE_OK);
}

static void command(sqlite3 *db, const char *key, const char *rest) {
  char *sql = sqlite3_mprintf("select lockkeeper_signals('%s', %s)", key, rest);
  if (sql != NULL) result_of(db, sql);
  sqlite3_free(sql);
}

/* All of a connection's life; whatever fails in it must leave a connection that closes. */
static void live(void) {
  sqlite3 *db = NULL;
  char key[33] = "";
  if (sqlite3_open("a.db", &db) == SQLITE_OK && load_extension(db, NULL) == SQLITE_OK) {
    sqlite3_stmt *greeting = NULL;
    sqlite3_prepare_v2(db, "select lockkeeper_signals() ->> '$.key'", -1, &greeting, NULL);
    if (sqlite3_step(greeting) == SQLITE_ROW && sqlite3_column_bytes(greeting, 0) == 32)
      memcpy(key, sqlite3_column_text(greeting, 0), 32);
    sqlite3_finalize(greeting);
    command(db, key, "'watch', 'writer'");
    result_of(db, "delete from w where x = 1");
    command(db, key, "'prepared', 'delete from w where x = 1'");
    result_of(db, "begin immediate; insert into w values (1, 'é'); delete from w; delete from t; insert into t values (1)");
    command(db, key, "'touched'");
    command(db, key, "'profile'");
    command(db, key, "'waits'");
    result_of(db, "commit");
  }
  CHECK_INT(sqlite3_close(db), SQLITE_OK);
}

TEST("a connection closes cleanly whichever allocation of its life fails") {
  install_failing_memory();
  sqlite3 *db = open_plain("a.db");
  must(db, "pragma journal_mode = wal; create table t (x); create table w (x primary key, y) without rowid");
  for (stays_failed = 0; stays_failed < 2; stays_failed++) {
    /* Steps grow, so that a valgrind run ends: the first hundred are those of opening and loading. */
    int at = 0;
    for (; at < 20000; at += at < scaled(600) ? 1 : 1 + at / 40) {
      calls_left = at;
      live();
      const int came_that_far = calls_left < 0 || (stays_failed && calls_left == 0);
      calls_left = -1;
      if (!came_that_far) break;
    }
    CHECK(at > 100 && at < 20000);
  }
  close_plain(db);
}
