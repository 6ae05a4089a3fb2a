#include "client.h"
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* All kept texts, so that a leak checker sees somebody who knows them. */
typedef struct Kept {
  struct Kept *next;
  char text[];
} Kept;

static Kept *first_kept = NULL;
static pthread_mutex_t kept_mutex = PTHREAD_MUTEX_INITIALIZER;

static const char *keep(const char *text, size_t length) {
  Kept *one = malloc(sizeof *one + length + 1);
  CHECK(one != NULL);
  memcpy(one->text, text, length);
  one->text[length] = 0;
  pthread_mutex_lock(&kept_mutex);
  one->next = first_kept;
  first_kept = one;
  pthread_mutex_unlock(&kept_mutex);
  return one->text;
}

const char *kept(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  char text[4000];
  const int length = vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  CHECK(length >= 0 && length < (int)sizeof text);
  return keep(text, (size_t)length);
}

static void check_ok(sqlite3 *db, int result, const char *doing) {
  if (result != SQLITE_OK) check_failed(__FILE__, __LINE__, "%s: %s", doing, sqlite3_errmsg(db));
}

sqlite3 *open_plain(const char *path) {
  sqlite3 *db = NULL;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  check_ok(db, sqlite3_open_v2(path, &db, flags, NULL), path);
  return db;
}

int load_extension(sqlite3 *db, char **error) {
  check_ok(db, sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 1, NULL), "enabling extensions");
  return sqlite3_load_extension(db, settings.extension, NULL, error);
}

Client *client_on(sqlite3 *db) {
  char *error = NULL;
  if (load_extension(db, &error) != SQLITE_OK) check_failed(__FILE__, __LINE__, "loading: %s", error);
  Client *client = calloc(1, sizeof *client);
  CHECK(client != NULL);
  client->db = db;
  const char *greeting = text_of(db, "select lockkeeper_signals()");
  CHECK_INT(number_in_json(greeting, "$.version"), 1);
  client->id = number_in_json(greeting, "$.connection");
  const char *key = in_json(greeting, "$.key");
  CHECK_INT(strlen(key), 32);
  memcpy(client->key, key, 33);
  const char *asking = "select lockkeeper_signals(?, ?)";
  const char *telling = "select lockkeeper_signals(?, ?, ?)";
  check_ok(db, sqlite3_prepare_v3(db, asking, -1, SQLITE_PREPARE_PERSISTENT, &client->ask, NULL), asking);
  check_ok(db, sqlite3_prepare_v3(db, telling, -1, SQLITE_PREPARE_PERSISTENT, &client->tell, NULL), telling);
  return client;
}

Client *open_client(const char *path) {
  sqlite3 *db = open_plain(path);
  /* Until it is watched: another process may be recovering the log of one that was killed. */
  sqlite3_busy_timeout(db, 20000);
  return client_on(db);
}

Client *open_writer(const char *path) {
  Client *client = open_client(path);
  CHECK_TEXT(text_of(client->db, "pragma journal_mode = wal"), "wal");
  CHECK(tell(client, "watch", "writer") != NULL);
  tell_number(client, "wait", 20000);
  return client;
}

void close_plain(sqlite3 *db) {
  check_ok(db, sqlite3_close(db), "closing");
}

void forget_client(Client *client) {
  sqlite3_finalize(client->ask);
  sqlite3_finalize(client->tell);
  free(client);
}

void close_client(Client *client) {
  sqlite3 *db = client->db;
  forget_client(client);
  close_plain(db);
}

static const char *text_at(sqlite3_stmt *statement) {
  const char *text = (const char *)sqlite3_column_text(statement, 0);
  return text == NULL ? NULL : keep(text, (size_t)sqlite3_column_bytes(statement, 0));
}

static const char *answer(Client *client, sqlite3_stmt *statement, const char *command) {
  sqlite3_bind_text(statement, 1, client->key, -1, SQLITE_STATIC);
  sqlite3_bind_text(statement, 2, command, -1, SQLITE_STATIC);
  if (sqlite3_step(statement) != SQLITE_ROW)
    check_failed(__FILE__, __LINE__, "%s: %s", command, sqlite3_errmsg(client->db));
  const char *text = text_at(statement);
  sqlite3_reset(statement);
  return text;
}

const char *ask(Client *client, const char *command) {
  return answer(client, client->ask, command);
}

const char *tell(Client *client, const char *command, const char *value) {
  sqlite3_bind_text(client->tell, 3, value, -1, SQLITE_STATIC);
  return answer(client, client->tell, command);
}

sqlite3_int64 tell_number(Client *client, const char *command, sqlite3_int64 value) {
  sqlite3_stmt *statement = client->tell;
  sqlite3_bind_text(statement, 1, client->key, -1, SQLITE_STATIC);
  sqlite3_bind_text(statement, 2, command, -1, SQLITE_STATIC);
  sqlite3_bind_int64(statement, 3, value);
  if (sqlite3_step(statement) != SQLITE_ROW)
    check_failed(__FILE__, __LINE__, "%s: %s", command, sqlite3_errmsg(client->db));
  const sqlite3_int64 number = sqlite3_column_int64(statement, 0);
  sqlite3_reset(statement);
  return number;
}

void must(sqlite3 *db, const char *sql) {
  check_ok(db, sqlite3_exec(db, sql, NULL, NULL, NULL), sql);
}

int result_of(sqlite3 *db, const char *sql) {
  return sqlite3_exec(db, sql, NULL, NULL, NULL);
}

static sqlite3_stmt *first_row(sqlite3 *db, const char *sql) {
  sqlite3_stmt *statement = NULL;
  check_ok(db, sqlite3_prepare_v2(db, sql, -1, &statement, NULL), sql);
  if (sqlite3_step(statement) != SQLITE_ROW) check_failed(__FILE__, __LINE__, "%s: %s", sql, sqlite3_errmsg(db));
  return statement;
}

sqlite3_int64 number_of(sqlite3 *db, const char *sql) {
  sqlite3_stmt *statement = first_row(db, sql);
  const sqlite3_int64 number = sqlite3_column_int64(statement, 0);
  sqlite3_finalize(statement);
  return number;
}

const char *text_of(sqlite3 *db, const char *sql) {
  sqlite3_stmt *statement = first_row(db, sql);
  const char *text = text_at(statement);
  sqlite3_finalize(statement);
  return text;
}

const char *error_of(sqlite3 *db, const char *sql) {
  if (result_of(db, sql) == SQLITE_OK) check_failed(__FILE__, __LINE__, "%s succeeds", sql);
  return kept("%s", sqlite3_errmsg(db));
}

void write_with(Client *client, const char *sql) {
  sqlite3_stmt *statement = NULL;
  check_ok(client->db, sqlite3_prepare_v2(client->db, sql, -1, &statement, NULL), sql);
  tell(client, "prepared", sql);
  while (sqlite3_step(statement) == SQLITE_ROW) {
  }
  check_ok(client->db, sqlite3_finalize(statement), sql);
}

static sqlite3_stmt *extract(sqlite3 *db, const char *json, const char *path) {
  sqlite3_stmt *statement = NULL;
  check_ok(db, sqlite3_prepare_v2(db, "select json_extract(?, ?)", -1, &statement, NULL), "json");
  sqlite3_bind_text(statement, 1, json, -1, SQLITE_STATIC);
  sqlite3_bind_text(statement, 2, path, -1, SQLITE_STATIC);
  if (sqlite3_step(statement) != SQLITE_ROW)
    check_failed(__FILE__, __LINE__, "%s in %s: %s", path, json, sqlite3_errmsg(db));
  return statement;
}

const char *in_json(const char *json, const char *path) {
  sqlite3 *db = open_plain(":memory:");
  sqlite3_stmt *statement = extract(db, json, path);
  const char *text = text_at(statement);
  sqlite3_finalize(statement);
  close_plain(db);
  return text;
}

sqlite3_int64 number_in_json(const char *json, const char *path) {
  sqlite3 *db = open_plain(":memory:");
  sqlite3_stmt *statement = extract(db, json, path);
  const sqlite3_int64 number = sqlite3_column_int64(statement, 0);
  sqlite3_finalize(statement);
  close_plain(db);
  return number;
}
