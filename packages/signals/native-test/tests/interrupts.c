/* Interrupts and wakes from other threads, by the connection's id. */
#include <stdio.h>
#include <stdlib.h>
#include "../harness/client.h"
#include "../harness/processes.h"
#include "../harness/room-file.h"

static const char endless[] =
    "with recursive n (i) as (select 1 union all select i + 1 from n) select count(*) from n where told(i)";

static void on_told(sqlite3_context *context, int count, sqlite3_value **values) {
  (void)count;
  gate_open(sqlite3_user_data(context));
  sqlite3_result_int64(context, sqlite3_value_int64(values[0]));
}

typedef struct Runner {
  Gate runs;
  _Atomic sqlite3_int64 id;
  int result;
  int next_result;
} Runner;

static void *run_endless(void *argument) {
  Runner *runner = argument;
  Client *client = open_client("a.db");
  atomic_store(&runner->id, client->id);
  sqlite3_create_function(client->db, "told", 1, SQLITE_UTF8, &runner->runs, on_told, NULL, NULL);
  runner->result = result_of(client->db, endless);
  runner->next_result = result_of(client->db, "select 1");
  close_client(client);
  return NULL;
}

TEST("an interrupt ends the statement under way with SQLITE_INTERRUPT, the next one runs") {
  Client *client = open_client(":memory:");
  for (int at = 0; at < 10; at++) {
    Runner runner = {0, 0, -1, -1};
    const pthread_t thread = start_thread(run_endless, &runner);
    gate_pass(&runner.runs);
    CHECK_INT(tell_number(client, "interrupt", atomic_load(&runner.id)), 1);
    join_thread(thread);
    CHECK_INT(runner.result, SQLITE_INTERRUPT);
    CHECK_INT(runner.next_result, SQLITE_OK);
    CHECK_INT(tell_number(client, "interrupt", atomic_load(&runner.id)), 0);
  }
  close_client(client);
}

TEST("an interrupt of a connection that runs nothing is forgotten") {
  Client *client = open_writer("a.db");
  Client *other = open_client("a.db");
  must(client->db, "create table t (x)");
  for (int at = 0; at < 100; at++) {
    CHECK_INT(tell_number(other, "interrupt", client->id), 1);
    must(client->db, "insert into t values (1)");
  }
  close_client(other);
  close_client(client);
}

typedef struct Waiter {
  _Atomic sqlite3_int64 id;
  int result;
} Waiter;

static void *wait_for_lock(void *argument) {
  Waiter *waiter = argument;
  Client *client = open_writer("a.db");
  atomic_store(&waiter->id, client->id);
  waiter->result = result_of(client->db, "begin immediate");
  CHECK_INT(number_in_json(ask(client, "waits"), "$.timedOut"), 1);
  close_client(client);
  return NULL;
}

TEST("a wake ends the wait under way with SQLITE_BUSY") {
  Client *holder = open_writer("a.db");
  RoomPage *page = map_room("a.db-lockkeeper");
  must(holder->db, "begin immediate");
  for (int at = 0; at < 10; at++) {
    Waiter waiter = {0, -1};
    const pthread_t thread = start_thread(wait_for_lock, &waiter);
    until_waiting(page, 1);
    CHECK_INT(tell_number(holder, "wake", atomic_load(&waiter.id)), 1);
    join_thread(thread);
    CHECK_INT(waiter.result, SQLITE_BUSY);
    CHECK_INT(waiters_in(page), 0);
  }
  must(holder->db, "commit");
  close_client(holder);
}

TEST("a wake that comes before the wait ends the next one, and only that") {
  Client *holder = open_writer("a.db");
  Client *client = open_writer("a.db");
  must(holder->db, "begin immediate");
  CHECK_INT(tell_number(holder, "wake", client->id), 1);
  CHECK_INT(tell_number(holder, "wake", client->id), 1);
  CHECK_INT(result_of(client->db, "begin immediate"), SQLITE_BUSY);
  tell_number(client, "wait", 30);
  const int64_t began = now_ms();
  CHECK_INT(result_of(client->db, "begin immediate"), SQLITE_BUSY);
  CHECK(now_ms() - began >= 29);
  must(holder->db, "commit");
  close_client(client);
  close_client(holder);
}

/* The hammer: connections open and close while others aim at their ids, those that are open and those that are not. */
enum { OPENERS = 3, AIMERS = 2, IDS_MAX = 4000 };

typedef struct Hammer {
  int rounds;
  _Atomic int last_id;
  _Atomic int used[IDS_MAX];
  _Atomic int openers_left;
  _Atomic int interrupted;
  _Atomic int met;
  _Atomic int missed;
} Hammer;

static void note_id(Hammer *hammer, int id) {
  CHECK(id > 0 && id < IDS_MAX);
  if (atomic_fetch_add(&hammer->used[id], 1) != 0) check_failed(__FILE__, __LINE__, "the id %d is used twice", id);
  int last = atomic_load(&hammer->last_id);
  while (last < id && !atomic_compare_exchange_weak(&hammer->last_id, &last, id)) {
  }
}

static void run_or_be_interrupted(Hammer *hammer, sqlite3 *db, const char *sql) {
  const int result = result_of(db, sql);
  if (result == SQLITE_INTERRUPT) atomic_fetch_add(&hammer->interrupted, 1);
  else if (result != SQLITE_OK && result != SQLITE_BUSY)
    check_failed(__FILE__, __LINE__, "%s: %s", sql, sqlite3_errmsg(db));
}

/* The key, unless the question for it is interrupted. */
static int greeted(sqlite3 *db, int *id, char key[33]) {
  sqlite3_stmt *greeting = NULL;
  if (sqlite3_prepare_v2(db, "select lockkeeper_signals()", -1, &greeting, NULL) == SQLITE_INTERRUPT) return 0;
  const char *form = "{\"version\":1,\"connection\":%d,\"key\":\"%32[0-9a-f]\"}";
  const int ok = sqlite3_step(greeting) == SQLITE_ROW &&
                 sscanf((const char *)sqlite3_column_text(greeting, 0), form, id, key) == 2;
  sqlite3_finalize(greeting);
  return ok;
}

static void *open_and_close(void *argument) {
  Hammer *hammer = argument;
  for (int round = 0; round < hammer->rounds; round++) {
    sqlite3 *db = open_plain(round % 2 == 0 ? ":memory:" : "a.db");
    sqlite3_busy_timeout(db, 5000);
    CHECK_INT(load_extension(db, NULL), SQLITE_OK);
    int id = 0;
    char key[33] = "";
    if (greeted(db, &id, key)) {
      note_id(hammer, id);
      char sql[100];
      sqlite3_snprintf(sizeof sql, sql, "select lockkeeper_signals('%s', 'watch', 'writer')", key);
      run_or_be_interrupted(hammer, db, sql);
      sqlite3_snprintf(sizeof sql, sql, "select lockkeeper_signals('%s', 'wait', 2000)", key);
      run_or_be_interrupted(hammer, db, sql);
    }
    run_or_be_interrupted(hammer, db, "with recursive n (i) as (select 1 union all select i + 1 from n where i < 3000) select sum(i) from n");
    run_or_be_interrupted(hammer, db, "begin immediate");
    run_or_be_interrupted(hammer, db, "create table if not exists t (x); insert into t values (1)");
    if (round % 5 != 0) result_of(db, "commit");
    close_plain(db);
  }
  atomic_fetch_sub(&hammer->openers_left, 1);
  return NULL;
}

static void *aim(void *argument) {
  Hammer *hammer = argument;
  Client *client = open_client(":memory:");
  note_id(hammer, (int)client->id);
  Random random = random_stream("aiming", (uint64_t)client->id);
  while (atomic_load(&hammer->openers_left) > 0) {
    /* The newest few, those that are closed since, and some that are yet to come; not those who aim. */
    const int id = atomic_load(&hammer->last_id) - 6 + random_below(&random, 10);
    if (id <= AIMERS) continue;
    const char *command = random_below(&random, 4) == 0 ? "wake" : "interrupt";
    if (tell_number(client, command, id) == 1) atomic_fetch_add(&hammer->met, 1);
    else atomic_fetch_add(&hammer->missed, 1);
  }
  close_client(client);
  return NULL;
}

TEST("connections that open and close under fire from other threads meet interrupts and no harm") {
  sqlite3 *db = open_plain("a.db");
  must(db, "pragma journal_mode = wal; create table t (x)");
  close_plain(db);
  Hammer *hammer = calloc(1, sizeof *hammer);
  hammer->rounds = scaled(100);
  atomic_store(&hammer->openers_left, OPENERS);
  pthread_t threads[OPENERS + AIMERS];
  for (int at = 0; at < AIMERS; at++) threads[at] = start_thread(aim, hammer);
  until_reached(&hammer->last_id, AIMERS);
  for (int at = 0; at < OPENERS; at++) threads[AIMERS + at] = start_thread(open_and_close, hammer);
  for (int at = 0; at < OPENERS + AIMERS; at++) join_thread(threads[at]);
  fprintf(stderr, "%d met, %d missed, %d statements interrupted\n", atomic_load(&hammer->met),
          atomic_load(&hammer->missed), atomic_load(&hammer->interrupted));
  CHECK(atomic_load(&hammer->met) > 0 && atomic_load(&hammer->missed) > 0);
  CHECK(!is_there("a.db-lockkeeper"));
  free(hammer);
}
