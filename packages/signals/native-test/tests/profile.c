/* The profile of statements, by their texts. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "../harness/client.h"

static Client *open_profiled(void) {
  Client *client = open_client("a.db");
  must(client->db, "create table t (x, y)");
  tell(client, "watch", "reader");
  return client;
}

/* Of the entry with this text, a field; -1 if there is no such entry. */
static sqlite3_int64 field_of(const char *profile, const char *sql, const char *field) {
  sqlite3 *db = open_plain(":memory:");
  char *question = sqlite3_mprintf(
      "select coalesce(max(value ->> '%s'), -1) from json_each(%Q) where value ->> 'sql' = %Q", field, profile, sql);
  const sqlite3_int64 number = number_of(db, question);
  sqlite3_free(question);
  close_plain(db);
  return number;
}

static sqlite3_int64 sum_of(const char *profile, const char *field) {
  sqlite3 *db = open_plain(":memory:");
  char *question = sqlite3_mprintf("select sum(value ->> '%s') from json_each(%Q)", field, profile);
  const sqlite3_int64 number = number_of(db, question);
  sqlite3_free(question);
  close_plain(db);
  return number;
}

TEST("statements are counted by their text since the last look, the extension's own questions are not") {
  Client *client = open_profiled();
  for (int at = 0; at < 7; at++) must(client->db, "insert into t values (1, 2)");
  must(client->db, "select * from t");
  const char *profile = ask(client, "profile");
  CHECK_INT(field_of(profile, "insert into t values (1, 2)", "runs"), 7);
  CHECK_INT(field_of(profile, "select * from t", "runs"), 1);
  CHECK_INT(sum_of(profile, "runs"), 8);
  CHECK_TEXT(ask(client, "profile"), NULL);
  must(client->db, "select * from t");
  CHECK_INT(sum_of(ask(client, "profile"), "runs"), 1);
  close_client(client);
}

TEST("scans, sorts, automatic indexes and steps are told, for the statement that had them") {
  Client *client = open_profiled();
  must(client->db, "with recursive n (i) as (select 1 union all select i + 1 from n where i < 100) insert into t select i, i from n");
  const char *sort = "select x from t order by y desc";
  const char *join = "select * from t a, t b where a.x = b.y and a.y > 0";
  must(client->db, sort);
  must(client->db, join);
  const char *profile = ask(client, "profile");
  CHECK_INT(field_of(profile, sort, "sorts"), 1);
  CHECK_INT(field_of(profile, sort, "autoIndexes"), 0);
  CHECK_INT(field_of(profile, sort, "scanSteps"), 99);
  CHECK(field_of(profile, join, "autoIndexes") > 0);
  CHECK(field_of(profile, join, "vmSteps") > 100);
  CHECK(field_of(profile, join, "totalMs") >= field_of(profile, join, "longestMs"));
  close_client(client);
}

TEST("statements that fail or are left half way are counted, too") {
  Client *client = open_profiled();
  must(client->db, "create unique index i on t (x); insert into t values (1, 1), (2, 2)");
  CHECK_INT(result_of(client->db, "insert into t values (1, 9)"), SQLITE_CONSTRAINT);
  sqlite3_stmt *statement = NULL;
  sqlite3_prepare_v2(client->db, "select x from t", -1, &statement, NULL);
  CHECK_INT(sqlite3_step(statement), SQLITE_ROW);
  sqlite3_finalize(statement);
  const char *profile = ask(client, "profile");
  CHECK_INT(field_of(profile, "insert into t values (1, 9)", "runs"), 1);
  CHECK_INT(field_of(profile, "select x from t", "runs"), 1);
  close_client(client);
}

TEST("of 600 texts those that ran last are told by name, and no run is lost") {
  Client *client = open_profiled();
  for (int at = 0; at < 600; at++) must(client->db, kept("select %d", at));
  const char *profile = ask(client, "profile");
  CHECK_INT(sum_of(profile, "runs"), 600);
  CHECK_INT(field_of(profile, "select 599", "runs"), 1);
  CHECK_INT(field_of(profile, "select 89", "runs"), 1);
  CHECK_INT(field_of(profile, "select 88", "runs"), -1);
  CHECK_INT(field_of(profile, "other", "runs"), 89);
  for (int times = 0; times < 3; times++) {
    for (int at = 0; at < 600; at++) must(client->db, kept("select %d", at));
    must(client->db, "select 'often'");
  }
  profile = ask(client, "profile");
  CHECK_INT(sum_of(profile, "runs"), 1803);
  CHECK_INT(field_of(profile, "select 'often'", "runs"), 1);
  close_client(client);
}

TEST("600 statements held open and run in turns, and 600 that delete, keep their counts") {
  enum { MANY = 600 };
  Client *client = open_client("a.db");
  must(client->db, "create table t (x)");
  tell(client, "watch", "writer");
  sqlite3_stmt **statements = calloc(MANY, sizeof *statements);
  for (int at = 0; at < MANY; at++) {
    const char *sql = kept("delete from t where x = %d", at);
    CHECK_INT(sqlite3_prepare_v2(client->db, sql, -1, &statements[at], NULL), SQLITE_OK);
    tell(client, "prepared", sql);
  }
  for (int at = 0; at < 3 * MANY; at++) {
    CHECK_INT(sqlite3_step(statements[at * 7 % MANY]), SQLITE_DONE);
    sqlite3_reset(statements[at * 7 % MANY]);
  }
  const char *profile = ask(client, "profile");
  CHECK_INT(sum_of(profile, "runs"), 3 * MANY);
  CHECK_INT(field_of(profile, "delete from t where x = 5", "runs"), 3);
  CHECK_TEXT(ask(client, "touched"), NULL);
  must(client->db, "insert into t values (599)");
  ask(client, "touched");
  CHECK_INT(sqlite3_step(statements[599]), SQLITE_DONE);
  CHECK_TEXT(ask(client, "touched"), "[\"t\"]");
  for (int at = 0; at < MANY; at++) sqlite3_finalize(statements[at]);
  free(statements);
  close_client(client);
}

/* A statement's text: `select '…'` with so many letters in between, and an end. */
static const char *long_text(char *buffer, size_t letters, const char *end) {
  strcpy(buffer, "select '");
  memset(buffer + 8, 'x', letters);
  strcpy(buffer + 8 + letters, end);
  return buffer;
}

TEST("of texts longer than 2000 bytes so much is told, and by so much they are told apart") {
  Client *client = open_profiled();
  char *buffer = malloc(200000);
  const size_t lengths[] = {1989, 1990, 1991, 1992, 1993, 5000, 190000};
  for (size_t at = 0; at < sizeof lengths / sizeof lengths[0]; at++) must(client->db, long_text(buffer, lengths[at], "'"));
  must(client->db, long_text(buffer, 5000, "', 'another end'"));
  const char *profile = ask(client, "profile");
  CHECK_INT(sum_of(profile, "runs"), 8);
  /* With 8 letters before: 1998, 1999 and 2000 bytes, and five that begin with the same 2000. */
  CHECK_INT(number_in_json(profile, "$[0].runs") + number_in_json(profile, "$[1].runs"), 2);
  CHECK_INT(field_of(profile, long_text(buffer, 1992, ""), "runs"), 5);
  CHECK_INT(field_of(profile, long_text(buffer, 1991, "'"), "runs"), 1);
  free(buffer);
  close_client(client);
}

TEST("a text cut within a character, or not in UTF-8 at all, is still JSON") {
  Client *client = open_profiled();
  char *buffer = malloc(10000);
  for (size_t at = 0; at < 8; at++) {
    long_text(buffer, 1985 + at, "é漢𝄞é漢𝄞é漢𝄞é漢𝄞'");
    must(client->db, buffer);
  }
  must(client->db, "select '\xff\xfe\x80', '\xc3', '\xed\xa0\x80'");
  const char *profile = ask(client, "profile");
  CHECK_INT(sum_of(profile, "runs"), 9);
  free(buffer);
  close_client(client);
}

TEST("quotes, backslashes, control characters and any other come through JSON as they are") {
  Client *client = open_profiled();
  const char *sql = "select '\"', '\\', '\\u0041', '/', '\b\f\n\r\t\x01\x1f\x7f', 'é漢𝄞', '<>&'  -- \"end\"";
  must(client->db, sql);
  const char *profile = ask(client, "profile");
  CHECK_INT(field_of(profile, sql, "runs"), 1);
  for (const char *at = profile; *at != 0; at++) CHECK((unsigned char)*at >= 0x20);
  close_client(client);
}

TEST("empty texts, comments and texts without an end leave the profile in order") {
  Client *client = open_profiled();
  const char *texts[] = {"", ";", " ", "-- nothing", "/* open", "select 1 /* open", "select 1 -- \xff", "  ;;select 2"};
  for (size_t at = 0; at < sizeof texts / sizeof texts[0]; at++) {
    result_of(client->db, texts[at]);
    tell(client, "prepared", texts[at]);
  }
  CHECK_INT(sum_of(ask(client, "profile"), "runs"), 3);
  close_client(client);
}

/* An allocator whose addresses have bit 35 set, as half of all processes have theirs. */
#define ARENA_BYTES ((size_t)64 << 20)
static char *arena;
static size_t arena_used = 0;

static void *arena_allocate(int bytes) {
  const size_t wanted = ((size_t)bytes + 31) / 16 * 16;
  CHECK(arena_used + wanted <= ARENA_BYTES);
  char *memory = arena + arena_used;
  arena_used += wanted;
  *(int *)memory = bytes;
  return memory + 16;
}

static int arena_size(void *memory) {
  return *(int *)((char *)memory - 16);
}

static void arena_free(void *memory) {
  (void)memory;
}

static void *arena_reallocate(void *memory, int bytes) {
  void *moved = arena_allocate(bytes);
  memcpy(moved, memory, (size_t)(bytes < arena_size(memory) ? bytes : arena_size(memory)));
  return moved;
}

static int arena_round(int bytes) {
  return (bytes + 7) & ~7;
}

static int arena_start(void *argument) {
  (void)argument;
  return SQLITE_OK;
}

TEST("statements are profiled wherever in memory they lie") {
  void *wanted = (void *)(uintptr_t)0x7e8c00000000u;
  arena = mmap(wanted, ARENA_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CHECK(arena != MAP_FAILED);
  const sqlite3_mem_methods methods = {arena_allocate, arena_free,  arena_reallocate, arena_size,
                                       arena_round,    arena_start, arena_free,       NULL};
  CHECK_INT(sqlite3_config(SQLITE_CONFIG_MALLOC, &methods), SQLITE_OK);
  Client *client = open_profiled();
  enum { MANY = 200 };
  sqlite3_stmt *statements[MANY];
  for (int at = 0; at < MANY; at++)
    CHECK_INT(sqlite3_prepare_v2(client->db, kept("select %d", at), -1, &statements[at], NULL), SQLITE_OK);
  for (int at = 0; at < MANY; at++) {
    CHECK_INT(sqlite3_step(statements[at]), SQLITE_ROW);
    sqlite3_finalize(statements[at]);
  }
  const char *profile = ask(client, "profile");
  CHECK_INT(sum_of(profile, "runs"), MANY);
  CHECK_INT(field_of(profile, "select 77", "runs"), 1);
  close_client(client);
}
