/*
** A profile of every statement a connection runs, by its text: how often, how long, and the counters by which SQLite says
** that an index is missing (https://sqlite.org/c3ref/c_stmtstatus_counter.html).
**
** Times are SQLite's own, in whole milliseconds: a sum over many short runs is right on average, a single short run reads
** 0 or 1. A clock of our own around each statement would cost a small insert several percent.
*/
#ifndef LOCKKEEPER_PROFILE_H
#define LOCKKEEPER_PROFILE_H

#include <stdint.h>
#include "sqlite3ext.h"
#include "tables.h"

/* Texts kept by name: more than statements cached per connection. What comes after them displaces what ran longest ago. */
#define PROFILE_ENTRIES 512
#define PROFILE_BUCKETS 256
#define PROFILE_STATEMENTS 64
/* Of a longer text so much is kept and told apart. */
#define PROFILE_TEXT_MAX 2000

typedef struct ProfileEntry {
  char *sql;
  uint32_t hash;
  int next; /* in its bucket; -1: the last */
  sqlite3_int64 last_run;
  sqlite3_int64 runs;
  sqlite3_int64 total_ms;
  sqlite3_int64 longest_ms;
  sqlite3_int64 scan_steps;
  sqlite3_int64 sorts;
  sqlite3_int64 auto_indexes;
  sqlite3_int64 vm_steps;
  Unseen unseen;
} ProfileEntry;

typedef struct Profile {
  ProfileEntry *entries; /* the first is all those for which there is no room */
  int count;
  int buckets[PROFILE_BUCKETS];
  sqlite3_int64 runs;
  struct {
    const void *statement;
    int entry;
  } known[PROFILE_STATEMENTS]; /* where a statement was found last, by its address */
} Profile;

struct Connection;
/* Starts profiling. Returns 0 if there is no memory for it. */
int profile_watch(struct Connection *connection);
void profile_free(Profile *profile);
/* The statement has just been compiled: keeps what was found out meanwhile. Runs SQL. */
void profile_on_prepared(struct Connection *connection, const char *sql);
/* A JSON array of what ran since the last call; NULL if nothing did. */
char *profile_take(Profile *profile);

#endif
