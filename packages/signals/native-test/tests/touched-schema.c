/* Touched tables where the schema itself changes, where tables are virtual, and where statements are compiled anew. */
#include <string.h>
#include "../harness/client.h"

static Client *open_with(const char *schema) {
  Client *client = open_writer("a.db");
  must(client->db, schema);
  ask(client, "touched");
  return client;
}

static int is_touched(const char *json, const char *table) {
  return json != NULL && strstr(json, kept("\"%s\"", table)) != NULL;
}

static void check_touches(Client *client, const char *sql, const char *table) {
  write_with(client, sql);
  const char *json = ask(client, "touched");
  if (!is_touched(json, table)) check_failed(__FILE__, __LINE__, "%s touches %s, not %s", sql, json, table);
}

TEST("tables that are created, altered, renamed or dropped are touched") {
  Client *client = open_with("create table other (x)");
  check_touches(client, "create table t (x)", "t");
  check_touches(client, "create table s as select 1 as x", "s");
  check_touches(client, "alter table t add column y", "t");
  check_touches(client, "alter table t rename column y to z", "t");
  check_touches(client, "alter table t drop column z", "t");
  check_touches(client, "alter table t rename to u", "t");
  check_touches(client, "create view v as select 1", "v");
  check_touches(client, "drop view v", "v");
  check_touches(client, "drop table u", "u");
  check_touches(client, "create table if not exists other (x)", "other");
  close_client(client);
}

TEST("indexes, pragmas and transactions touch no table") {
  Client *client = open_with("create table t (x)");
  const char *texts[] = {"create index i on t (x)", "reindex", "drop index i", "pragma user_version = 3", "vacuum",
                         "begin", "commit", "savepoint s", "release s", "explain delete from t", "pragma optimize"};
  for (size_t at = 0; at < sizeof texts / sizeof texts[0]; at++) {
    write_with(client, texts[at]);
    const char *json = ask(client, "touched");
    if (json != NULL) check_failed(__FILE__, __LINE__, "%s touches %s", texts[at], json);
  }
  close_client(client);
}

TEST("what is created and rolled back touches nothing") {
  Client *client = open_with("create table other (x)");
  must(client->db, "begin immediate");
  write_with(client, "create table t (x)");
  must(client->db, "rollback");
  CHECK_TEXT(ask(client, "touched"), NULL);
  close_client(client);
}

TEST("full-text tables are touched by every kind of write, their own commands included") {
  Client *client = open_with("create virtual table f using fts5 (body); create table t (body);"
                             "create trigger r after insert on t begin insert into f values (new.body); end");
  check_touches(client, "insert into f values ('one two')", "f");
  check_touches(client, "update f set body = 'three'", "f");
  check_touches(client, "insert into t values ('four')", "f");
  check_touches(client, "insert into f (f) values ('rebuild')", "f");
  check_touches(client, "delete from f where body match 'three'", "f");
  check_touches(client, "delete from f", "f");
  check_touches(client, "create virtual table g using fts5 (body)", "g");
  check_touches(client, "drop table g", "g");
  write_with(client, "select * from f where f match 'four'");
  CHECK_TEXT(ask(client, "touched"), NULL);
  close_client(client);
}

TEST("other virtual tables are touched, too") {
  Client *client = open_with("create virtual table r using rtree (id, a, b)");
  check_touches(client, "insert into r values (1, 2, 3)", "r");
  check_touches(client, "update r set b = 4", "r");
  check_touches(client, "delete from r", "r");
  close_client(client);
}

/* A statement as the writer keeps them: prepared and told once, run many times. */
static sqlite3_stmt *prepared(Client *client, const char *sql) {
  sqlite3_stmt *statement = NULL;
  CHECK_INT(sqlite3_prepare_v3(client->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL), SQLITE_OK);
  tell(client, "prepared", sql);
  return statement;
}

static const char *touched_by_run(Client *client, sqlite3_stmt *statement) {
  CHECK_INT(sqlite3_step(statement), SQLITE_DONE);
  CHECK_INT(sqlite3_reset(statement), SQLITE_OK);
  return ask(client, "touched");
}

TEST("a kept statement touches what it writes since another connection has changed the schema") {
  Client *client = open_with("create table t (x); create table w (x primary key) without rowid; create table d (x)");
  sqlite3 *other = open_plain("a.db");
  must(other, "insert into d values (1)");
  sqlite3_stmt *insert = prepared(client, "insert into t values (abs(random()))");
  CHECK_TEXT(touched_by_run(client, insert), "[\"t\"]");
  must(other, "create trigger r after insert on t begin insert into w values (new.x); delete from d; end");
  const char *json = touched_by_run(client, insert);
  CHECK(is_touched(json, "t") && is_touched(json, "w") && is_touched(json, "d"));
  must(other, "insert into d values (1)");
  json = touched_by_run(client, insert);
  CHECK(is_touched(json, "t") && is_touched(json, "w") && is_touched(json, "d"));
  must(other, "drop trigger r; drop table w; drop table d; alter table t rename to old; create table t (x int) strict");
  must(other, "drop table t; create table t (x primary key) without rowid");
  CHECK(is_touched(touched_by_run(client, insert), "t"));
  sqlite3_finalize(insert);
  close_plain(other);
  close_client(client);
}

TEST("a kept statement touches what it writes since its own connection has changed the schema") {
  Client *client = open_with("create table t (x); create table w (x primary key) without rowid");
  sqlite3_stmt *insert = prepared(client, "insert into t values (abs(random()))");
  CHECK_TEXT(touched_by_run(client, insert), "[\"t\"]");
  write_with(client, "create trigger r after insert on t begin insert into w values (new.x); end");
  ask(client, "touched");
  for (int at = 0; at < 3; at++) {
    const char *json = touched_by_run(client, insert);
    CHECK(is_touched(json, "t") && is_touched(json, "w"));
  }
  sqlite3_finalize(insert);
  close_client(client);
}

TEST("statements run without being told of touch all the same, one by one or several in a text") {
  Client *client = open_with("create table t (x); create table u (x); create table w (x primary key) without rowid");
  must(client->db, "insert into t values (1); insert into w values (1); insert into u values (1)");
  const char *json = ask(client, "touched");
  CHECK(is_touched(json, "t") && is_touched(json, "u") && is_touched(json, "w"));
  must(client->db, "delete from t; delete from w");
  json = ask(client, "touched");
  CHECK(is_touched(json, "t") && is_touched(json, "w"));
  CHECK(!is_touched(json, "u"));
  close_client(client);
}

TEST("texts that SQLite refuses to compile do no harm") {
  Client *client = open_with("create table t (x); create table u (x)");
  for (int at = 0; at < 50; at++) {
    CHECK_INT(result_of(client->db, "delete from t where nothing = 1"), SQLITE_ERROR);
    CHECK_INT(result_of(client->db, "insert into t values (1, 2, 3)"), SQLITE_ERROR);
    tell(client, "prepared", "insert into t values (1, 2, 3)");
  }
  CHECK_TEXT(ask(client, "touched"), NULL);
  check_touches(client, "insert into u values (1)", "u");
  close_client(client);
}

TEST("more tables than anybody has are told") {
  Client *client = open_with("create table t (x)");
  must(client->db, "begin");
  for (int at = 0; at < 200; at++) must(client->db, kept("create table t%d (x)", at));
  must(client->db, "commit");
  const char *json = ask(client, "touched");
  CHECK(is_touched(json, "t0") && is_touched(json, "t199"));
  for (int at = 0; at < 200; at += 7) {
    write_with(client, kept("delete from t%d", at));
    CHECK_TEXT(ask(client, "touched"), NULL);
    check_touches(client, kept("insert into t%d values (1)", at), kept("t%d", at));
  }
  close_client(client);
}
