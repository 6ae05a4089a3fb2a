#include "profile.h"
#include <stddef.h>
#include <string.h>
#include "connection.h"
#include "json.h"

SQLITE_EXTENSION_INIT3

/* Our own question to the extension is not worth telling. */
static const char own_prefix[] = "select lockkeeper_signals(";

/* FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/. */
static uint32_t hash_of(const char *sql) {
  uint32_t hash = 2166136261u;
  for (int at = 0; sql[at] != 0 && at < PROFILE_TEXT_MAX; at++) hash = (hash ^ (unsigned char)sql[at]) * 16777619u;
  return hash;
}

static int is_of(const ProfileEntry *entry, const char *sql) {
  return entry->sql != NULL && strncmp(entry->sql, sql, PROFILE_TEXT_MAX) == 0;
}

static void move_counts(ProfileEntry *to, ProfileEntry *from) {
  to->runs += from->runs;
  to->total_ms += from->total_ms;
  if (from->longest_ms > to->longest_ms) to->longest_ms = from->longest_ms;
  to->scan_steps += from->scan_steps;
  to->sorts += from->sorts;
  to->auto_indexes += from->auto_indexes;
  to->vm_steps += from->vm_steps;
}

static void unlink_entry(Profile *profile, int index) {
  int *at = &profile->buckets[profile->entries[index].hash % PROFILE_BUCKETS];
  while (*at != index) at = &profile->entries[*at].next;
  *at = profile->entries[index].next;
}

/* Makes room: the entry that ran longest ago, among those that nothing but their counts would be lost with. */
static int displace(Profile *profile) {
  int oldest = 0;
  for (int at = 1; at < profile->count; at++) {
    const ProfileEntry *entry = &profile->entries[at];
    if (entry->unseen.certain.count > 0 || entry->unseen.perhaps.count > 0) continue;
    if (oldest == 0 || entry->last_run < profile->entries[oldest].last_run) oldest = at;
  }
  if (oldest == 0) return 0;
  ProfileEntry *entry = &profile->entries[oldest];
  move_counts(&profile->entries[0], entry);
  unlink_entry(profile, oldest);
  sqlite3_free(entry->sql);
  memset(entry, 0, sizeof *entry);
  return oldest;
}

static int index_of(Profile *profile, const char *sql) {
  const uint32_t hash = hash_of(sql);
  int *bucket = &profile->buckets[hash % PROFILE_BUCKETS];
  for (int at = *bucket; at >= 0; at = profile->entries[at].next) {
    if (profile->entries[at].hash == hash && is_of(&profile->entries[at], sql)) return at;
  }
  char *copy = sqlite3_mprintf("%.*s", PROFILE_TEXT_MAX, sql);
  if (copy == NULL) return 0;
  const int index = profile->count < PROFILE_ENTRIES ? profile->count++ : displace(profile);
  if (index == 0) {
    sqlite3_free(copy);
    return 0;
  }
  ProfileEntry *entry = &profile->entries[index];
  entry->sql = copy;
  entry->hash = hash;
  entry->next = *bucket;
  *bucket = index;
  return index;
}

static ProfileEntry *entry_of(Profile *profile, sqlite3_stmt *statement, const char *sql) {
  const size_t slot = ((uintptr_t)statement >> 4) % PROFILE_STATEMENTS;
  int index = profile->known[slot].entry;
  if (profile->known[slot].statement != statement || !is_of(&profile->entries[index], sql)) {
    index = index_of(profile, sql);
    profile->known[slot].statement = statement;
    profile->known[slot].entry = index;
  }
  return &profile->entries[index];
}

/* SQLITE_TRACE_PROFILE: a statement has ended, after so many nanoseconds; https://sqlite.org/c3ref/c_trace.html. */
static int on_statement_end(unsigned int event, void *argument, void *subject, void *time) {
  (void)event;
  Connection *connection = argument;
  sqlite3_stmt *statement = subject;
  const char *sql = sqlite3_sql(statement);
  if (sql == NULL || connection->settling || strncmp(sql, own_prefix, sizeof own_prefix - 1) == 0) return 0;
  Profile *profile = &connection->profile;
  ProfileEntry *entry = entry_of(profile, statement, sql);
  /* The wall clock may have been set back meanwhile. */
  const sqlite3_int64 ms = *(sqlite3_int64 *)time < 0 ? 0 : *(sqlite3_int64 *)time / 1000000;
  entry->last_run = ++profile->runs;
  entry->runs++;
  entry->total_ms += ms;
  if (ms > entry->longest_ms) entry->longest_ms = ms;
  entry->scan_steps += sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_FULLSCAN_STEP, 1);
  entry->sorts += sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_SORT, 1);
  entry->auto_indexes += sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_AUTOINDEX, 1);
  entry->vm_steps += sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_VM_STEP, 1);
  if (!connection->is_writer) return 0;
  Unseen *compiling = &connection->compiling;
  if (compiling->certain.count + compiling->perhaps.count > 0) {
    /* Compiled anew while it ran, because the schema has changed. No SQL may run here, so what is uncertain stays so. */
    unseen_add_all(&entry->unseen, compiling);
    unseen_clear(compiling);
  }
  /* One that was left half way has not counted its changes yet, but made them. */
  const int writes = !sqlite3_stmt_readonly(statement) && !sqlite3_stmt_isexplain(statement);
  const int left_half_way = writes && sqlite3_stmt_busy(statement);
  tables_on_statement_end(connection, &entry->unseen, left_half_way);
  return 0;
}

int profile_watch(Connection *connection) {
  Profile *profile = &connection->profile;
  profile->entries = sqlite3_malloc64(PROFILE_ENTRIES * sizeof *profile->entries);
  if (profile->entries == NULL) return 0;
  memset(profile->entries, 0, PROFILE_ENTRIES * sizeof *profile->entries);
  memset(profile->buckets, -1, sizeof profile->buckets);
  profile->count = 1;
  return sqlite3_trace_v2(connection->db, SQLITE_TRACE_PROFILE, on_statement_end, connection) == SQLITE_OK;
}

void profile_free(Profile *profile) {
  for (int at = 0; at < profile->count; at++) {
    sqlite3_free(profile->entries[at].sql);
    unseen_clear(&profile->entries[at].unseen);
  }
  sqlite3_free(profile->entries);
  memset(profile, 0, sizeof *profile);
}

/*
** The text by which SQLite knows the statement that has just been compiled: it ends with the first semicolon, and blanks or
** a comment may follow there. SQLite lists the newest statement first.
*/
static const char *text_kept_of(sqlite3 *db, const char *sql) {
  for (sqlite3_stmt *at = sqlite3_next_stmt(db, NULL); at != NULL; at = sqlite3_next_stmt(db, at)) {
    const char *text = sqlite3_sql(at);
    if (text != NULL && strncmp(sql, text, strlen(text)) == 0) return text;
  }
  return sql;
}

void profile_on_prepared(Connection *connection, const char *sql) {
  Unseen *compiling = &connection->compiling;
  if (connection->profile.entries != NULL && compiling->certain.count + compiling->perhaps.count > 0) {
    Unseen found = *compiling;
    memset(compiling, 0, sizeof *compiling);
    connection->settling = 1;
    tables_settle(connection, &found);
    connection->settling = 0;
    if (found.certain.count > 0) {
      ProfileEntry *entry = &connection->profile.entries[index_of(&connection->profile, text_kept_of(connection->db, sql))];
      unseen_add_all(&entry->unseen, &found);
    }
    unseen_clear(&found);
  }
  /* What the settling itself has compiled. */
  unseen_clear(compiling);
}

char *profile_take(Profile *profile) {
  sqlite3_str *json = NULL;
  for (int at = 0; at < profile->count; at++) {
    ProfileEntry *entry = &profile->entries[at];
    if (entry->runs == 0) continue;
    if (json == NULL) json = sqlite3_str_new(NULL);
    sqlite3_str_appendall(json, sqlite3_str_length(json) == 0 ? "[{\"sql\":" : ",{\"sql\":");
    json_append_text(json, entry->sql == NULL ? "other" : entry->sql);
    sqlite3_str_appendf(json, ",\"runs\":%lld,\"totalMs\":%lld,\"longestMs\":%lld,\"scanSteps\":%lld,", entry->runs,
                        entry->total_ms, entry->longest_ms, entry->scan_steps);
    sqlite3_str_appendf(json, "\"sorts\":%lld,\"autoIndexes\":%lld,\"vmSteps\":%lld}", entry->sorts,
                        entry->auto_indexes, entry->vm_steps);
    entry->runs = entry->total_ms = entry->longest_ms = 0;
    entry->scan_steps = entry->sorts = entry->auto_indexes = entry->vm_steps = 0;
  }
  if (json == NULL) return NULL;
  sqlite3_str_appendchar(json, 1, ']');
  return sqlite3_str_finish(json);
}
