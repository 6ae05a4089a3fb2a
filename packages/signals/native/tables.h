/* Which tables a transaction touched. */
#ifndef LOCKKEEPER_TABLES_H
#define LOCKKEEPER_TABLES_H

#include "sqlite3ext.h"

/* A set of names. A schema has tens of tables, and the same one comes over and over: the last is looked at first. */
typedef struct TableSet {
  char **names;
  int count;
  int capacity;
} TableSet;

void tables_add(TableSet *set, const char *name);
void tables_add_all(TableSet *set, const TableSet *more);
void tables_clear(TableSet *set);
/* A JSON array; NULL for the empty set. */
char *tables_json(const TableSet *set);

/* What a statement may write that the update hook will not see, found while it is compiled. */
typedef struct Unseen {
  TableSet certain; /* tables it deletes from, at times by truncation; what it creates, alters and drops */
  TableSet perhaps; /* tables it inserts into or updates, unseen if they have no rowids or are virtual */
  int changes_schema;
} Unseen;

void unseen_add_all(Unseen *to, const Unseen *from);
void unseen_clear(Unseen *unseen);

struct Connection;
/* Starts watching: the update hook for rows, the authorizer for what it does not see. */
void tables_watch(struct Connection *connection);
/* Moves the tables out of `perhaps` that are certain or are none. Runs SQL: not from within a callback of SQLite. */
void tables_settle(struct Connection *connection, Unseen *unseen);
/* A statement has ended, maybe before its last row: if anything changed, what it may have written unseen is touched. */
void tables_on_statement_end(struct Connection *connection, const Unseen *unseen, int left_half_way);

#endif
