/* Which tables a transaction has touched: rows, truncation, triggers, keys, what is undone. */
#include "../harness/client.h"

static Client *open_with(const char *schema) {
  Client *client = open_writer("a.db");
  must(client->db, schema);
  ask(client, "touched");
  return client;
}

/* The touched tables in alphabetical order, with commas between; NULL for none. */
static const char *touched(Client *client) {
  const char *json = ask(client, "touched");
  if (json == NULL) return NULL;
  sqlite3 *db = open_plain(":memory:");
  char *sql = sqlite3_mprintf("select group_concat(value, ',' order by value) from json_each(%Q)", json);
  const char *names = text_of(db, sql);
  sqlite3_free(sql);
  close_plain(db);
  return names;
}

/* What writing this touches, as the writer writes: prepared, told, run. */
static const char *touched_by(Client *client, const char *sql) {
  write_with(client, sql);
  return touched(client);
}

TEST("a row inserted, updated or deleted touches its table, reading touches none") {
  Client *client = open_with("create table t (x); create table u (x)");
  CHECK_TEXT(touched_by(client, "insert into t values (1)"), "t");
  CHECK_TEXT(touched_by(client, "update t set x = 2"), "t");
  CHECK_TEXT(touched_by(client, "insert into u select x from t"), "u");
  CHECK_TEXT(touched_by(client, "select * from t, u"), NULL);
  CHECK_TEXT(touched_by(client, "delete from t where x = 2"), "t");
  CHECK_TEXT(touched_by(client, "insert into t values (1) on conflict do nothing"), "t");
  close_client(client);
}

TEST("what changes nothing touches nothing") {
  Client *client = open_with("create table t (x primary key); insert into t values (1);"
                             "create table w (x primary key) without rowid; insert into w values (1)");
  CHECK_TEXT(touched_by(client, "delete from t where x = 9"), NULL);
  CHECK_TEXT(touched_by(client, "update t set x = 9 where x = 8"), NULL);
  CHECK_TEXT(touched_by(client, "insert or ignore into t values (1)"), NULL);
  CHECK_TEXT(touched_by(client, "insert or ignore into w values (1)"), NULL);
  CHECK_TEXT(touched_by(client, "delete from w where x = 9"), NULL);
  CHECK_TEXT(touched_by(client, "begin immediate"), NULL);
  CHECK_TEXT(touched_by(client, "commit"), NULL);
  must(client->db, "delete from t");
  touched(client);
  CHECK_TEXT(touched_by(client, "delete from t"), NULL);
  close_client(client);
}

TEST("what was changed before the watch is not told") {
  Client *client = open_client("a.db");
  must(client->db, "create table w (x primary key) without rowid; insert into w values (1)");
  tell(client, "watch", "writer");
  CHECK_TEXT(touched_by(client, "delete from w where x = 9"), NULL);
  CHECK_TEXT(touched_by(client, "delete from w"), "w");
  close_client(client);
}

TEST("a delete of all rows, which SQLite does by truncation, touches its table") {
  Client *client = open_with("create table t (x); create table u (x); insert into t values (1), (2)");
  CHECK_TEXT(touched_by(client, "delete from t"), "t");
  must(client->db, "insert into t values (1); insert into u values (1)");
  touched(client);
  must(client->db, "begin immediate");
  write_with(client, "delete from u");
  write_with(client, "delete from t");
  CHECK_TEXT(touched(client), "t,u");
  must(client->db, "commit");
  close_client(client);
}

TEST("tables without rowids are touched by every kind of write") {
  Client *client = open_with("create table w (x primary key, y) without rowid; create table v (x primary key) without rowid");
  CHECK_TEXT(touched_by(client, "insert into w values (1, 1), (2, 2)"), "w");
  CHECK_TEXT(touched_by(client, "update w set y = 2"), "w");
  CHECK_TEXT(touched_by(client, "replace into w values (1, 3)"), "w");
  CHECK_TEXT(touched_by(client, "insert into w values (1, 4) on conflict do update set y = excluded.y"), "w");
  CHECK_TEXT(touched_by(client, "insert into v select x from w"), "v");
  CHECK_TEXT(touched_by(client, "delete from w where x = 1"), "w");
  CHECK_TEXT(touched_by(client, "delete from w"), "w");
  close_client(client);
}

TEST("RETURNING touches like the rest, also when only the first row is taken") {
  Client *client = open_with("create table t (x); create table w (x primary key) without rowid");
  const char *texts[] = {"insert into %s values (1), (2), (3) returning x", "update %s set x = x + 10 returning x",
                         "delete from %s returning x"};
  const char *tables[] = {"t", "w"};
  for (int at = 0; at < 6; at++) {
    const char *sql = kept(texts[at / 2], tables[at % 2]);
    sqlite3_stmt *statement = NULL;
    CHECK_INT(sqlite3_prepare_v2(client->db, sql, -1, &statement, NULL), SQLITE_OK);
    tell(client, "prepared", sql);
    /* What was changed before is settled by the end of another statement. */
    must(client->db, "select 1");
    ask(client, "touched");
    CHECK_INT(sqlite3_step(statement), SQLITE_ROW);
    CHECK_INT(sqlite3_reset(statement), SQLITE_OK);
    CHECK_TEXT(touched(client), tables[at % 2]);
    sqlite3_finalize(statement);
  }
  close_client(client);
}

TEST("REPLACE touches the tables of the rows it takes away, and of those that hang on them") {
  Client *client = open_with("create table p (x primary key); create table c (x references p on delete cascade);"
                             "create table q (x primary key); create table log (x);"
                             "create trigger r after delete on q begin insert into log values (old.x); end;"
                             "pragma recursive_triggers = on; insert into p values (1); insert into c values (1);"
                             "insert into q values (1)");
  CHECK_TEXT(touched_by(client, "replace into p values (1)"), "c,p");
  CHECK_TEXT(touched_by(client, "insert or replace into q values (1)"), "log,q");
  CHECK_TEXT(touched_by(client, "update or replace q set x = 1"), "q");
  close_client(client);
}

TEST("triggers touch the tables they write, in chains, with truncation and without rowids") {
  Client *client = open_with("create table t (x); create table w (x primary key) without rowid; create table u (x);"
                             "create table z (x); insert into z values (1), (2); create view o as select x from t;"
                             "create trigger t1 after insert on t begin insert into w values (new.x); end;"
                             "create trigger t2 after insert on w begin insert into u values (new.x); delete from z; end;"
                             "create trigger t3 instead of insert on o begin insert into t values (new.x); end");
  CHECK_TEXT(touched_by(client, "insert into t values (1)"), "t,u,w,z");
  CHECK_SAYS(touched_by(client, "insert into o values (2)"), "t,u,w");
  close_client(client);
}

TEST("foreign keys touch the tables they reach") {
  Client *client = open_with("create table p (x integer primary key);"
                             "create table c (x references p on delete cascade on update cascade);"
                             "create table n (x references p on delete set null);"
                             "create table w (x primary key references p on delete cascade) without rowid;"
                             "create table g (x references w on delete cascade)");
  must(client->db, "insert into p values (1), (2); insert into c values (1); insert into n values (1);"
                   "insert into w values (1); insert into g values (1)");
  touched(client);
  CHECK_TEXT(touched_by(client, "delete from p where x = 1"), "c,g,n,p,w");
  must(client->db, "insert into c values (2)");
  touched(client);
  CHECK_TEXT(touched_by(client, "update p set x = 5 where x = 2"), "c,p");
  close_client(client);
}

TEST("a rollback clears what its transaction touched, a savepoint's keeps it") {
  Client *client = open_with("create table t (x); create table u (x primary key) without rowid; insert into t values (1)");
  must(client->db, "begin immediate");
  write_with(client, "delete from t");
  write_with(client, "insert into u values (1)");
  must(client->db, "rollback");
  CHECK_TEXT(touched(client), NULL);
  must(client->db, "begin immediate; insert into t values (2); savepoint s");
  write_with(client, "insert into u values (1)");
  must(client->db, "rollback to s; commit");
  CHECK_TEXT(touched(client), "t,u");
  close_client(client);
}

TEST("a statement that fails clears what it touched with its transaction, and leaves what others did") {
  Client *client = open_with("create table t (x unique); insert into t values (1); create table u (x)");
  CHECK_INT(result_of(client->db, "insert into t values (5), (1)"), SQLITE_CONSTRAINT);
  CHECK_TEXT(touched(client), NULL);
  must(client->db, "begin immediate; insert into u values (1)");
  CHECK_INT(result_of(client->db, "insert or rollback into t values (1)"), SQLITE_CONSTRAINT);
  CHECK_TEXT(touched(client), NULL);
  must(client->db, "begin immediate; insert into u values (1)");
  CHECK_INT(result_of(client->db, "insert or fail into t values (6), (1)"), SQLITE_CONSTRAINT);
  must(client->db, "commit");
  CHECK_TEXT(touched(client), "t,u");
  close_client(client);
}

TEST("texts with blanks or comments after the last semicolon touch as much as others") {
  Client *client = open_with("create table t (x); create table w (x primary key) without rowid");
  const char *ends[] = {"", ";", "; ", ";\n", "; -- done", ";\n\n/* done */\n", " ;", " -- done", ";;"};
  for (size_t at = 0; at < sizeof ends / sizeof ends[0]; at++) {
    must(client->db, "insert into t values (1)");
    touched(client);
    CHECK_TEXT(touched_by(client, kept("/* %d */ delete from t%s", (int)at, ends[at])), "t");
    CHECK_TEXT(touched_by(client, kept("insert into w values (%d)%s", (int)at, ends[at])), "w");
  }
  close_client(client);
}

TEST("a touched table is told once, and names come through JSON as they are") {
  Client *client = open_with("create table \"a \"\"quoted\"\" \\ name\" (x); create table \"line\nbreak\" (x);"
                             "create table \"é漢𝄞\" (x); create table \"\" (x)");
  for (int at = 0; at < 3; at++) {
    must(client->db, "begin; insert into \"a \"\"quoted\"\" \\ name\" values (1); insert into \"line\nbreak\" values (1);"
                     "insert into \"é漢𝄞\" values (1); insert into \"\" values (1); insert into \"line\nbreak\" values (2); commit");
    CHECK_TEXT(touched(client), ",a \"quoted\" \\ name,line\nbreak,é漢𝄞");
  }
  close_client(client);
}

TEST("Lockkeeper's own tables and SQLite's are not told") {
  Client *client = open_with("create table lockkeeper_commit (x); create table Lockkeeper_Other (x primary key) without rowid;"
                             "create table t (x integer primary key autoincrement)");
  CHECK_TEXT(touched_by(client, "insert into lockkeeper_commit values (1)"), NULL);
  CHECK_TEXT(touched_by(client, "delete from lockkeeper_commit"), NULL);
  CHECK_TEXT(touched_by(client, "insert into Lockkeeper_Other values (1)"), NULL);
  CHECK_TEXT(touched_by(client, "insert into t (x) values (null)"), "t");
  CHECK_TEXT(touched_by(client, "delete from sqlite_sequence"), NULL);
  must(client->db, "analyze");
  CHECK_TEXT(touched(client), NULL);
  close_client(client);
}
