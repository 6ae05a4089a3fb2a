#include "tables.h"
#include <string.h>
#include "connection.h"
#include "json.h"

SQLITE_EXTENSION_INIT3

static int is_ours(const char *name) {
  return sqlite3_strnicmp(name, "lockkeeper_", 11) == 0 || sqlite3_strnicmp(name, "sqlite_", 7) == 0;
}

void tables_add(TableSet *set, const char *name) {
  for (int at = set->count - 1; at >= 0; at--) {
    if (strcmp(set->names[at], name) == 0) return;
  }
  if (is_ours(name)) return;
  if (set->count == set->capacity) {
    const int capacity = set->capacity == 0 ? 8 : set->capacity * 2;
    char **names = sqlite3_realloc64(set->names, (sqlite3_uint64)capacity * sizeof *names);
    if (names == NULL) return;
    set->names = names;
    set->capacity = capacity;
  }
  char *copy = sqlite3_mprintf("%s", name);
  if (copy != NULL) set->names[set->count++] = copy;
}

void tables_add_all(TableSet *set, const TableSet *more) {
  for (int at = 0; at < more->count; at++) tables_add(set, more->names[at]);
}

void tables_clear(TableSet *set) {
  for (int at = 0; at < set->count; at++) sqlite3_free(set->names[at]);
  sqlite3_free(set->names);
  memset(set, 0, sizeof *set);
}

char *tables_json(const TableSet *set) {
  if (set->count == 0) return NULL;
  sqlite3_str *json = sqlite3_str_new(NULL);
  for (int at = 0; at < set->count; at++) {
    sqlite3_str_appendchar(json, 1, at == 0 ? '[' : ',');
    json_append_text(json, set->names[at]);
  }
  sqlite3_str_appendchar(json, 1, ']');
  return sqlite3_str_finish(json);
}

void unseen_add_all(Unseen *to, const Unseen *from) {
  tables_add_all(&to->certain, &from->certain);
  tables_add_all(&to->perhaps, &from->perhaps);
  to->changes_schema |= from->changes_schema;
}

void unseen_clear(Unseen *unseen) {
  tables_clear(&unseen->certain);
  tables_clear(&unseen->perhaps);
  unseen->changes_schema = 0;
}

static void on_row(void *argument, int operation, const char *database, const char *table, sqlite3_int64 rowid) {
  (void)operation;
  (void)rowid;
  Connection *connection = argument;
  TableSet *touched = &connection->touched;
  if (touched->count > 0 && strcmp(touched->names[touched->count - 1], table) == 0) return;
  if (strcmp(database, "main") == 0) tables_add(touched, table);
}

static void on_rollback(void *argument) {
  tables_clear(&((Connection *)argument)->touched);
}

/* Whether the update hook sees all that an INSERT or UPDATE does to the table: a plain one with rowids. */
static int is_seen(Connection *connection, const char *table) {
  sqlite3_stmt *kind = NULL;
  static const char sql[] = "select type, wr from pragma_table_list where schema = 'main' and name = ?";
  if (sqlite3_prepare_v2(connection->db, sql, -1, &kind, NULL) != SQLITE_OK) return 0;
  sqlite3_bind_text(kind, 1, table, -1, SQLITE_STATIC);
  int seen = 0;
  if (sqlite3_step(kind) == SQLITE_ROW)
    seen = strcmp((const char *)sqlite3_column_text(kind, 0), "table") == 0 && sqlite3_column_int(kind, 1) == 0;
  sqlite3_finalize(kind);
  return seen;
}

void tables_settle(Connection *connection, Unseen *unseen) {
  for (int at = 0; at < unseen->perhaps.count; at++) {
    if (!is_seen(connection, unseen->perhaps.names[at])) tables_add(&unseen->certain, unseen->perhaps.names[at]);
  }
  tables_clear(&unseen->perhaps);
}

/* Asked while a statement is compiled, its triggers and cascades included: https://sqlite.org/c3ref/set_authorizer.html. */
static int on_compile(void *argument, int action, const char *first, const char *second, const char *database,
                      const char *trigger) {
  (void)trigger;
  Connection *connection = argument;
  Unseen *compiling = &connection->compiling;
  if (action == SQLITE_ALTER_TABLE) {
    database = first;
    first = second;
  }
  if (first == NULL || database == NULL || strcmp(database, "main") != 0) return SQLITE_OK;
  switch (action) {
    case SQLITE_INSERT:
    case SQLITE_UPDATE: tables_add(&compiling->perhaps, first); break;
    case SQLITE_DELETE: tables_add(&compiling->certain, first); break;
    case SQLITE_CREATE_TABLE:
    case SQLITE_CREATE_VTABLE:
    case SQLITE_CREATE_VIEW:
    case SQLITE_DROP_TABLE:
    case SQLITE_DROP_VTABLE:
    case SQLITE_DROP_VIEW:
    case SQLITE_ALTER_TABLE:
      tables_add(&compiling->certain, first);
      compiling->changes_schema = 1;
  }
  return SQLITE_OK;
}

void tables_watch(Connection *connection) {
  sqlite3_update_hook(connection->db, on_row, connection);
  sqlite3_rollback_hook(connection->db, on_rollback, connection);
  sqlite3_set_authorizer(connection->db, on_compile, connection);
}

void tables_on_statement_end(Connection *connection, const Unseen *unseen, int left_half_way) {
  const sqlite3_int64 changes = sqlite3_total_changes64(connection->db);
  const int changed = changes != connection->changes_seen || unseen->changes_schema || left_half_way;
  connection->changes_seen = changes;
  if (!changed) return;
  if (unseen->certain.count > 0) tables_add_all(&connection->touched, &unseen->certain);
  if (unseen->perhaps.count > 0) tables_add_all(&connection->touched, &unseen->perhaps);
}
