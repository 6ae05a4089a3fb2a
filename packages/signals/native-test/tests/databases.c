/* Databases of every kind: not in a file, read-only, attached, in other journal modes. */
#include <fcntl.h>
#include <unistd.h>
#include "../harness/client.h"
#include "../harness/room-file.h"

static const char *notice_of(const char *path) {
  Client *client = open_client(path);
  const char *watch = tell(client, "watch", "writer");
  tell_number(client, "wait", 50);
  must(client->db, "create table t (x); begin immediate; insert into t values (1); commit");
  CHECK_TEXT(ask(client, "touched"), "[\"t\"]");
  CHECK_TEXT(in_json(watch, "$.waits"), "sleeping");
  const char *notice = in_json(watch, "$.notice");
  close_client(client);
  return notice;
}

TEST("a database in memory, or a temporary one, has no room, and says so") {
  CHECK_TEXT(notice_of(":memory:"), "the database is not in a file");
  CHECK_TEXT(notice_of(""), "the database is not in a file");
}

TEST("a connection that may only read can be watched, in either role") {
  Client *writer = open_writer("a.db");
  must(writer->db, "create table t (x)");
  const char *roles[] = {"reader", "writer"};
  for (int at = 0; at < 2; at++) {
    sqlite3 *db = NULL;
    CHECK_INT(sqlite3_open_v2("a.db", &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    Client *reader = client_on(db);
    CHECK_TEXT(in_json(tell(reader, "watch", roles[at]), "$.notice"), NULL);
    CHECK_INT(number_of(db, "select count(*) from t"), 0);
    CHECK_INT(result_of(db, "insert into t values (1)"), SQLITE_READONLY);
    CHECK_TEXT(ask(reader, "touched"), NULL);
    must(writer->db, "insert into t values (1); delete from t");
    close_client(reader);
  }
  close_client(writer);
}

TEST("a database that is attached is no business of the room or of the touched tables") {
  Client *client = open_writer("a.db");
  sqlite3 *db = client->db;
  must(db, "attach 'b.db' as b; pragma b.journal_mode = wal; create table b.t (x); create table temp.t (x)");
  must(db, "attach ':memory:' as m; create table m.t (x)");
  write_with(client, "insert into b.t values (1)");
  write_with(client, "insert into temp.t values (1)");
  write_with(client, "insert into m.t values (1)");
  write_with(client, "delete from b.t");
  CHECK_TEXT(ask(client, "touched"), NULL);
  CHECK(!is_there("b.db-lockkeeper"));
  must(db, "create table main.t (x)");
  write_with(client, "insert into main.t values (1)");
  CHECK_TEXT(ask(client, "touched"), "[\"t\"]");
  must(db, "detach b; detach m");
  close_client(client);
}

TEST("the lock of an attached database is waited for, and a transaction over both releases both") {
  Client *client = open_writer("a.db");
  sqlite3 *other = open_plain("b.db");
  must(other, "pragma journal_mode = wal; create table t (x)");
  must(client->db, "attach 'b.db' as b");
  must(other, "begin immediate");
  tell_number(client, "wait", 30);
  CHECK_INT(result_of(client->db, "begin immediate"), SQLITE_BUSY);
  CHECK(number_in_json(ask(client, "waits"), "$.timedOut") == 1);
  must(other, "commit");
  must(client->db, "begin immediate; insert into b.t values (1); create table u (x); commit");
  Client *third = open_writer("a.db");
  must(third->db, "begin immediate; commit");
  must(other, "begin immediate; commit");
  close_client(third);
  close_plain(other);
  close_client(client);
}

TEST("a database goes into WAL mode and out of it while it is watched") {
  Client *client = open_client("a.db");
  CHECK_TEXT(in_json(tell(client, "watch", "writer"), "$.notice"), NULL);
  tell_number(client, "wait", 20000);
  must(client->db, "create table t (x)");
  const char *modes[] = {"wal", "delete", "wal", "truncate", "wal", "persist", "memory", "wal", "off", "wal"};
  for (size_t at = 0; at < sizeof modes / sizeof modes[0]; at++) {
    CHECK_TEXT(text_of(client->db, kept("pragma journal_mode = %s", modes[at])), modes[at]);
    must(client->db, "begin immediate; insert into t values (1); commit; vacuum");
    RoomPage *page = map_room("a.db-lockkeeper");
    CHECK_INT(atomic_load(&page->holder), 0);
    CHECK_INT(waiters_in(page), 0);
  }
  CHECK_INT(number_of(client->db, "select count(*) from t"), 10);
  close_client(client);
}

TEST("exclusive locking mode keeps the lock, and gives it back with the mode") {
  Client *client = open_writer("a.db");
  sqlite3 *other = open_plain("a.db");
  must(client->db, "create table t (x); pragma locking_mode = exclusive; insert into t values (1)");
  must(client->db, "begin immediate; insert into t values (2); commit");
  CHECK_TEXT(text_of(client->db, "pragma locking_mode = normal"), "normal");
  must(client->db, "insert into t values (3)");
  must(other, "begin immediate; insert into t values (4); commit");
  CHECK_INT(number_of(other, "select count(*) from t"), 4);
  close_plain(other);
  close_client(client);
}

TEST("a database whose file is taken from under the connection by sqlite3_deserialize goes on without it") {
  Client *client = open_writer("a.db");
  must(client->db, "create table t (x)");
  sqlite3_int64 bytes = 0;
  unsigned char *image = sqlite3_serialize(client->db, "main", &bytes, 0);
  CHECK(image != NULL);
  image[18] = image[19] = 1; /* not WAL: https://sqlite.org/c3ref/deserialize.html */
  const unsigned flags = SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_RESIZEABLE;
  CHECK_INT(sqlite3_deserialize(client->db, "main", image, bytes, bytes, flags), SQLITE_OK);
  write_with(client, "insert into t values (1)");
  CHECK_TEXT(ask(client, "touched"), "[\"t\"]");
  close_client(client);
  CHECK(!is_there("a.db-lockkeeper"));
}

TEST("a backup goes through a watched connection, either way") {
  Client *client = open_writer("a.db");
  must(client->db, "create table t (x); insert into t values (1)");
  sqlite3 *copy = open_plain("b.db");
  sqlite3_backup *backup = sqlite3_backup_init(copy, "main", client->db, "main");
  CHECK(backup != NULL);
  CHECK_INT(sqlite3_backup_step(backup, -1), SQLITE_DONE);
  CHECK_INT(sqlite3_backup_finish(backup), SQLITE_OK);
  must(copy, "insert into t values (2)");
  backup = sqlite3_backup_init(client->db, "main", copy, "main");
  CHECK(backup != NULL);
  CHECK_INT(sqlite3_backup_step(backup, -1), SQLITE_DONE);
  CHECK_INT(sqlite3_backup_finish(backup), SQLITE_OK);
  CHECK_INT(number_of(client->db, "select count(*) from t"), 2);
  close_plain(copy);
  close_client(client);
}
