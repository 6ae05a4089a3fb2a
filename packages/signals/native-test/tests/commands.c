/* The face of the extension: one function, its key and its commands. */
#include <stdio.h>
#include "../harness/client.h"

#define REFUSED "lockkeeper_signals is Lockkeeper's own"

static const char *error_with_key(Client *client, const char *arguments) {
  return error_of(client->db, kept("select lockkeeper_signals('%s'%s)", client->key, arguments));
}

TEST("the first call hands out version, connection and key, every further one is refused") {
  sqlite3 *db = open_plain(":memory:");
  CHECK_INT(load_extension(db, NULL), SQLITE_OK);
  const char *greeting = text_of(db, "select lockkeeper_signals()");
  CHECK_INT(number_in_json(greeting, "$.version"), 1);
  CHECK_INT(number_in_json(greeting, "$.connection"), 1);
  for (int at = 0; at < 3; at++) CHECK_SAYS(error_of(db, "select lockkeeper_signals()"), "called before");
  close_plain(db);
}

TEST("two calls in one statement get one key") {
  sqlite3 *db = open_plain(":memory:");
  CHECK_INT(load_extension(db, NULL), SQLITE_OK);
  CHECK_SAYS(error_of(db, "select lockkeeper_signals(), lockkeeper_signals()"), "called before");
  close_plain(db);
}

TEST("a wrong key is refused, whatever it is") {
  Client *client = open_client("a.db");
  Client *other = open_client("a.db");
  const char *wrong[] = {"''", "'x'", "null", "0", "1", "1.5", "-1", "x''", "zeroblob(32)", "zeroblob(100000)", "char(0)"};
  for (size_t at = 0; at < sizeof wrong / sizeof wrong[0]; at++)
    CHECK_TEXT(error_of(client->db, kept("select lockkeeper_signals(%s, 'waits')", wrong[at])), REFUSED);
  CHECK_TEXT(error_of(client->db, kept("select lockkeeper_signals('%s', 'waits')", other->key)), REFUSED);
  CHECK_TEXT(error_of(client->db, kept("select lockkeeper_signals('%.31s', 'waits')", client->key)), REFUSED);
  CHECK_TEXT(error_of(client->db, kept("select lockkeeper_signals('%s0', 'waits')", client->key)), REFUSED);
  CHECK_TEXT(error_of(client->db, kept("select lockkeeper_signals(upper('%s') || 'X', 'waits')", client->key)), REFUSED);
  close_client(other);
  close_client(client);
}

TEST("a key alone, or with NULL for a command, is refused") {
  Client *client = open_client("a.db");
  CHECK_TEXT(error_with_key(client, ""), REFUSED);
  CHECK_TEXT(error_with_key(client, ", null"), REFUSED);
  close_client(client);
}

TEST("unknown commands are refused, and the connection works on") {
  Client *client = open_client("a.db");
  const char *unknown[] = {", ''", ", 'Waits'", ", 'waits '", ", 7", ", x'00'", ", 'nothing', 1", ", 'nothing', null"};
  for (size_t at = 0; at < sizeof unknown / sizeof unknown[0]; at++)
    CHECK_SAYS(error_with_key(client, unknown[at]), "no such command");
  CHECK_INT(number_in_json(ask(client, "waits"), "$.waits"), 0);
  close_client(client);
}

TEST("commands that want a value are refused without one, or with NULL") {
  Client *client = open_client("a.db");
  const char *commands[] = {"watch", "wait", "prepared", "interrupt", "wake"};
  for (size_t at = 0; at < sizeof commands / sizeof commands[0]; at++) {
    CHECK_SAYS(error_with_key(client, kept(", '%s'", commands[at])), "wants a value");
    CHECK_SAYS(error_with_key(client, kept(", '%s', null", commands[at])), "wants a value");
  }
  close_client(client);
}

TEST("more arguments than a command takes do no harm") {
  Client *client = open_client("a.db");
  must(client->db, kept("select lockkeeper_signals('%s', 'waits', 1, 2, null, x'00')", client->key));
  must(client->db, kept("select lockkeeper_signals('%s', 'wait', 5, 'six')", client->key));
  close_client(client);
}

TEST("a role there is not is refused, and the connection can still be watched") {
  Client *client = open_client("a.db");
  const char *roles[] = {"''", "'Writer'", "'owner'", "0", "x'77'"};
  for (size_t at = 0; at < sizeof roles / sizeof roles[0]; at++)
    CHECK_SAYS(error_with_key(client, kept(", 'watch', %s", roles[at])), "no such role");
  CHECK(tell(client, "watch", "reader") != NULL);
  close_client(client);
}

TEST("a connection is watched once, in one role") {
  Client *client = open_client("a.db");
  CHECK(tell(client, "watch", "writer") != NULL);
  CHECK_SAYS(error_with_key(client, ", 'watch', 'writer'"), "watched already");
  CHECK_SAYS(error_with_key(client, ", 'watch', 'reader'"), "watched already");
  close_client(client);
}

TEST("a reader is profiled, and has neither a room nor touched tables") {
  Client *client = open_client("a.db");
  must(client->db, "pragma journal_mode = wal; create table t (x)");
  CHECK_TEXT(tell(client, "watch", "reader"), "{\"waits\":\"sleeping\",\"notice\":null}");
  must(client->db, "insert into t values (1)");
  CHECK_TEXT(ask(client, "touched"), NULL);
  CHECK_INT(number_in_json(ask(client, "profile"), "$[0].runs"), 1);
  close_client(client);
}

TEST("a connection that nobody watches has nothing to tell") {
  Client *client = open_client("a.db");
  write_with(client, "create table t (x)");
  write_with(client, "delete from t");
  CHECK_TEXT(ask(client, "touched"), NULL);
  CHECK_TEXT(ask(client, "profile"), NULL);
  CHECK_TEXT(ask(client, "waits"),
             "{\"waits\":0,\"waitedMs\":0.000,\"woken\":0,\"polled\":0,\"timedOut\":0,\"deferred\":0}");
  close_client(client);
}

TEST("any number may be the longest wait; none below zero makes anybody wait") {
  Client *holder = open_writer("a.db");
  Client *client = open_writer("a.db");
  must(holder->db, "begin immediate");
  const char *waits[] = {"0", "-1", "-9223372036854775808", "'no number'", "0.9", "''"};
  for (size_t at = 0; at < sizeof waits / sizeof waits[0]; at++) {
    must(client->db, kept("select lockkeeper_signals('%s', 'wait', %s)", client->key, waits[at]));
    CHECK_INT(result_of(client->db, "begin immediate"), SQLITE_BUSY);
  }
  must(client->db, kept("select lockkeeper_signals('%s', 'wait', 9e99)", client->key));
  must(holder->db, "commit");
  must(client->db, "begin immediate; commit");
  close_client(client);
  close_client(holder);
}

TEST("ids that no connection has are answered with 0, and nobody is met") {
  Client *client = open_client("a.db");
  const char *ids[] = {"0", "-1", "2", "4294967295", "9223372036854775807", "'none'", "x''", "4294967297"};
  for (size_t at = 0; at < sizeof ids / sizeof ids[0]; at++) {
    for (int wake = 0; wake < 2; wake++) {
      const char *command = wake ? "wake" : "interrupt";
      const char *sql = kept("select lockkeeper_signals('%s', '%s', %s)", client->key, command, ids[at]);
      if (number_of(client->db, sql) != 0) check_failed(__FILE__, __LINE__, "%s %s meets somebody", command, ids[at]);
    }
  }
  CHECK_INT(tell_number(client, "interrupt", client->id), 1);
  CHECK_INT(tell_number(client, "wake", client->id), 1);
  close_client(client);
}

TEST("views, triggers, indexes and checks can't use the function") {
  Client *client = open_client("a.db");
  must(client->db, "create table t (x); create view v as select lockkeeper_signals('k', 'waits') as y");
  CHECK_SAYS(error_of(client->db, "select * from v"), "unsafe use");
  must(client->db, "create trigger r after insert on t begin select lockkeeper_signals('k', 'waits'); end");
  CHECK_SAYS(error_of(client->db, "insert into t values (1)"), "unsafe use");
  CHECK(result_of(client->db, "create index i on t (lockkeeper_signals('k', 'waits'))") != SQLITE_OK);
  CHECK(result_of(client->db, "create table u (x check (lockkeeper_signals('k', 'waits')))") != SQLITE_OK);
  close_client(client);
}
