/* Closing: in the middle of things, with statements open, in any order. */
#include "../harness/client.h"
#include "../harness/processes.h"
#include "../harness/room-file.h"

static Client *open_with_table(void) {
  Client *client = open_writer("a.db");
  must(client->db, "create table if not exists t (x)");
  return client;
}

/* Leaves its connection to its statements: sqlite3_close_v2 makes it what SQLite calls a zombie. */
static void close_beneath(Client *client) {
  sqlite3 *db = client->db;
  forget_client(client);
  CHECK_INT(sqlite3_close_v2(db), SQLITE_OK);
}

TEST("closing in the middle of a transaction rolls back, and leaves the lock to others") {
  Client *client = open_with_table();
  Client *other = open_with_table();
  for (int at = 0; at < 5; at++) {
    Client *leaving = open_with_table();
    must(leaving->db, "begin immediate; insert into t values (1)");
    CHECK_INT(tell_number(other, "wait", 0), 0);
    CHECK_INT(result_of(other->db, "begin immediate"), SQLITE_BUSY);
    close_client(leaving);
    must(other->db, "begin immediate; commit");
  }
  CHECK_INT(number_of(client->db, "select count(*) from t"), 0);
  close_client(other);
  close_client(client);
}

typedef struct Waiter {
  Gate opened;
  _Atomic int result;
} Waiter;

static void *wait_for_lock(void *argument) {
  Waiter *waiter = argument;
  Client *client = open_writer("a.db");
  gate_open(&waiter->opened);
  atomic_store(&waiter->result, result_of(client->db, "begin immediate"));
  result_of(client->db, "commit");
  close_client(client);
  return NULL;
}

TEST("closing in the middle of a transaction wakes the one who waits") {
  Client *client = open_with_table();
  RoomPage *page = map_room("a.db-lockkeeper");
  must(client->db, "begin immediate; insert into t values (1)");
  Waiter waiter = {0, -1};
  const pthread_t thread = start_thread(wait_for_lock, &waiter);
  gate_pass(&waiter.opened);
  until_waiting(page, 1);
  close_client(client);
  join_thread(thread);
  CHECK_INT(atomic_load(&waiter.result), SQLITE_OK);
}

TEST("sqlite3_close refuses while a statement is open, and the signals go on") {
  Client *client = open_with_table();
  CHECK_INT(sqlite3_close(client->db), SQLITE_BUSY);
  write_with(client, "insert into t values (1)");
  CHECK_TEXT(ask(client, "touched"), "[\"t\"]");
  CHECK_INT(tell_number(client, "interrupt", client->id), 1);
  close_client(client);
  CHECK(!is_there("a.db-lockkeeper"));
}

TEST("what outlives its connection goes on: its lock is released with its last statement") {
  Client *client = open_with_table();
  Client *other = open_with_table();
  must(client->db, "insert into t values (1), (2), (3)");
  sqlite3 *db = client->db;
  must(db, "begin immediate");
  sqlite3_stmt *statement = NULL;
  CHECK_INT(sqlite3_prepare_v2(db, "insert into t select x from t returning x", -1, &statement, NULL), SQLITE_OK);
  CHECK_INT(sqlite3_step(statement), SQLITE_ROW);
  const sqlite3_int64 id = client->id;
  close_beneath(client);
  /* By its id it can't be reached any more. */
  CHECK_INT(tell_number(other, "interrupt", id), 0);
  CHECK_INT(tell_number(other, "wake", id), 0);
  tell_number(other, "wait", 0);
  CHECK_INT(result_of(other->db, "begin immediate"), SQLITE_BUSY);
  CHECK_INT(sqlite3_step(statement), SQLITE_ROW);
  sqlite3_finalize(statement);
  must(other->db, "begin immediate; commit");
  CHECK_INT(number_of(other->db, "select count(*) from t"), 3);
  CHECK(is_there("a.db-lockkeeper"));
  close_client(other);
  CHECK(!is_there("a.db-lockkeeper"));
}

TEST("every command still works in a statement that has outlived its connection") {
  const char *rest[] = {"'waits'", "'touched'", "'profile'", "'wait', 5", "'prepared', 'delete from t'", "'wake', 1",
                        "'interrupt', 1", "'watch', 'writer'", "'watch', 'reader'", "'nothing'"};
  for (int watched = 0; watched < 2; watched++) {
    for (size_t at = 0; at < sizeof rest / sizeof rest[0]; at++) {
      Client *client = watched ? open_with_table() : open_client("a.db");
      sqlite3 *db = client->db;
      must(db, "create table if not exists u (x); delete from u");
      sqlite3_stmt *asking = NULL;
      sqlite3_stmt *writing = NULL;
      const char *sql = kept("select lockkeeper_signals('%s', %s)", client->key, rest[at]);
      CHECK_INT(sqlite3_prepare_v2(db, sql, -1, &asking, NULL), SQLITE_OK);
      CHECK_INT(sqlite3_prepare_v2(db, "delete from u returning x", -1, &writing, NULL), SQLITE_OK);
      close_beneath(client);
      for (int times = 0; times < 3; times++) {
        sqlite3_step(asking);
        sqlite3_reset(asking);
        /* What is not under way may have to be compiled anew, which SQLite refuses by now. */
        const int result = sqlite3_step(writing);
        CHECK(result == SQLITE_DONE || result == SQLITE_MISUSE);
        sqlite3_reset(writing);
      }
      sqlite3_finalize(at % 2 == 0 ? asking : writing);
      sqlite3_finalize(at % 2 == 0 ? writing : asking);
    }
  }
  CHECK(!is_there("a.db-lockkeeper"));
}

TEST("the room stays while anybody is in it, in whatever order they leave") {
  enum { MANY = 6 };
  Random random = random_stream("leaving", 0);
  for (int times = 0; times < 10; times++) {
    Client *clients[MANY];
    for (int at = 0; at < MANY; at++) clients[at] = open_with_table();
    for (int left = MANY; left > 0; left--) {
      CHECK(is_there("a.db-lockkeeper"));
      const int at = random_below(&random, left);
      must(clients[at]->db, "insert into t values (1)");
      close_client(clients[at]);
      clients[at] = clients[left - 1];
    }
    CHECK(!is_there("a.db-lockkeeper"));
  }
}

TEST("no id is ever used again") {
  sqlite3_int64 last = 0;
  for (int at = 0; at < 25; at++) {
    Client *first = open_client("a.db");
    Client *second = open_client(":memory:");
    CHECK(first->id > last && second->id > first->id);
    last = second->id;
    const sqlite3_int64 gone = first->id;
    close_client(first);
    CHECK_INT(tell_number(second, "interrupt", gone), 0);
    close_client(second);
  }
}
