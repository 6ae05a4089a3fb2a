/* A connection with the extension on it, used as packages/signals/src/signals.ts uses it. */
#ifndef LOCKKEEPER_CLIENT_H
#define LOCKKEEPER_CLIENT_H

#include "check.h"
#include "sqlite3.h"

typedef struct Client {
  sqlite3 *db;
  char key[33];
  sqlite3_int64 id;
  sqlite3_stmt *ask;  /* select lockkeeper_signals(?, ?) */
  sqlite3_stmt *tell; /* select lockkeeper_signals(?, ?, ?) */
} Client;

/* Opening. `open_writer` watches as the writer and waits up to 20 s for a lock; the database gets into WAL mode. */
sqlite3 *open_plain(const char *path);
Client *client_on(sqlite3 *db);
Client *open_client(const char *path);
Client *open_writer(const char *path);
/* Returns what sqlite3_load_extension does. */
int load_extension(sqlite3 *db, char **error);

/* Closing finalizes the client's own statements, and must succeed. */
void close_plain(sqlite3 *db);
void close_client(Client *client);
/* The client's own statements and memory go, its connection stays. */
void forget_client(Client *client);

/* Commands. Texts live as long as the process; NULL is SQL's NULL. */
const char *ask(Client *client, const char *command);
const char *tell(Client *client, const char *command, const char *value);
sqlite3_int64 tell_number(Client *client, const char *command, sqlite3_int64 value);

/* SQL. What must succeed fails the test otherwise. */
void must(sqlite3 *db, const char *sql);
int result_of(sqlite3 *db, const char *sql);
sqlite3_int64 number_of(sqlite3 *db, const char *sql);
const char *text_of(sqlite3 *db, const char *sql);
/* The message of a statement that must fail. */
const char *error_of(sqlite3 *db, const char *sql);
/* Prepares a statement and tells the extension, as the writer does, runs it and finalizes it. */
void write_with(Client *client, const char *sql);

/* What a JSON text has at a path, as text or number, by SQLite's own functions, on a connection of its own. */
const char *in_json(const char *json, const char *path);
sqlite3_int64 number_in_json(const char *json, const char *path);

/* Text that lives as long as the process. */
__attribute__((format(printf, 1, 2))) const char *kept(const char *format, ...);

#endif
