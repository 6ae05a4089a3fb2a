/* The queue before the write lock, between threads and between processes. */
#include <stdio.h>
#include "../harness/client.h"
#include "../harness/load.h"
#include "../harness/room-file.h"

/* What is late by so much is not late because the machine is busy. */
#define LATE_MS_MAX 3000

static Board *run_load(int processes, int threads, int rows, int wait_ms) {
  Board *board = shared_memory(sizeof *board);
  prepare_load();
  pid_t running[WORKERS_MAX];
  Workers workers[WORKERS_MAX];
  for (int at = 0; at < processes; at++) {
    workers[at] = (Workers){board, at * threads, threads, rows, wait_ms};
    running[at] = start_process(run_workers, &workers[at]);
  }
  for (int at = 0; at < processes; at++) expect_good_end(running[at]);
  CHECK_INT(atomic_load(&board->commits), processes * threads * rows);
  fprintf(stderr, "%d timeouts, longest %d ms\n", atomic_load(&board->timeouts), atomic_load(&board->longest_ms));
  CHECK(atomic_load(&board->longest_ms) < wait_ms + LATE_MS_MAX);
  check_load(processes * threads, rows);
  return board;
}

TEST("three processes of four threads each commit all they have, and none waits in vain") {
  Board *board = run_load(3, 4, scaled(60), 20000);
  CHECK_INT(atomic_load(&board->timeouts), 0);
}

TEST("with waits of a few milliseconds all is committed in the end, and nobody waits much longer than he said") {
  run_load(2, 4, scaled(40), 3);
}

TEST("more waiters than the room has places all commit") {
  Board *board = run_load(4, 18, scaled(6), 30000);
  CHECK_INT(atomic_load(&board->timeouts), 0);
}

TEST("a wait ends in SQLITE_BUSY at its deadline, neither before nor long after") {
  Client *holder = open_writer("a.db");
  Client *client = open_writer("a.db");
  must(holder->db, "begin immediate");
  for (int wait_ms = 1; wait_ms <= 64; wait_ms *= 4) {
    tell_number(client, "wait", wait_ms);
    const int64_t began = now_ms();
    CHECK_INT(result_of(client->db, "begin immediate"), SQLITE_BUSY);
    const int64_t waited_ms = now_ms() - began;
    CHECK(waited_ms >= wait_ms - 1 && waited_ms < wait_ms + LATE_MS_MAX);
  }
  CHECK_INT(number_in_json(ask(client, "waits"), "$.timedOut"), 4);
  close_client(client);
  close_client(holder);
}

/* A process that takes the lock, says so, and gives it back in the way it is told. */
typedef struct Holder {
  const char *ends_with;
  int is_plain; /* a connection without the extension */
  Gate holds;
  Gate may_end;
  Gate may_leave; /* closing wakes as well: it waits until that can't be taken for another wake */
} Holder;

static void hold(void *argument) {
  Holder *holder = argument;
  Client *client = holder->is_plain ? NULL : open_writer("a.db");
  sqlite3 *db = holder->is_plain ? open_plain("a.db") : client->db;
  must(db, "pragma journal_mode = wal; begin immediate; create table if not exists t (x)");
  gate_open(&holder->holds);
  gate_pass(&holder->may_end);
  if (holder->ends_with != NULL) {
    must(db, holder->ends_with);
    gate_pass(&holder->may_leave);
  }
  if (holder->is_plain) close_plain(db);
  else close_client(client);
}

typedef struct Waiter {
  Gate *holds;
  Gate *may_begin;
  _Atomic int *turns; /* taken so far */
  _Atomic int turn;   /* which one was ours, from 1 */
  _Atomic int woken;
} Waiter;

static void take_turn(void *argument) {
  Waiter *waiter = argument;
  Client *client = open_writer("a.db");
  must(client->db, "begin immediate");
  atomic_store(&waiter->turn, atomic_fetch_add(waiter->turns, 1) + 1);
  must(client->db, "commit");
  atomic_store(&waiter->woken, (int)number_in_json(ask(client, "waits"), "$.woken"));
  close_client(client);
}

/* Whether the waiters were served in the order in which they came. A machine that stands still may spoil it. */
static int run_in_order(int count) {
  Holder *holder = shared_memory(sizeof *holder);
  Waiter *waiters = shared_memory(sizeof *waiters * (size_t)count);
  _Atomic int *turns = shared_memory(sizeof *turns);
  *holder = (Holder){.ends_with = "rollback"};
  const pid_t holding = start_process(hold, holder);
  gate_pass(&holder->holds);
  RoomPage *page = map_room("a.db-lockkeeper");
  pid_t waiting[16];
  for (int at = 0; at < count; at++) {
    waiters[at].turns = turns;
    waiting[at] = start_process(take_turn, &waiters[at]);
    until_waiting(page, at + 1);
  }
  gate_open(&holder->may_end);
  gate_open(&holder->may_leave);
  expect_good_end(holding);
  int in_order = 1;
  for (int at = 0; at < count; at++) expect_good_end(waiting[at]);
  for (int at = 0; at < count; at++) in_order &= atomic_load(&waiters[at].turn) == at + 1;
  return in_order;
}

TEST("those who wait get the lock in the order in which they came") {
  int tries = 1;
  while (!run_in_order(6)) {
    if (++tries > 5) check_failed(__FILE__, __LINE__, "five times out of order");
  }
}

/* How often the waiter was woken, while the one who held the lock gave it back in the given way. */
static int woken_by(Holder way) {
  Holder *holder = shared_memory(sizeof *holder);
  Waiter *waiter = shared_memory(sizeof *waiter);
  waiter->turns = shared_memory(sizeof *waiter->turns);
  *holder = way;
  const pid_t holding = start_process(hold, holder);
  gate_pass(&holder->holds);
  const pid_t waiting = start_process(take_turn, waiter);
  until_there("a.db-lockkeeper");
  until_waiting(map_room("a.db-lockkeeper"), 1);
  gate_open(&holder->may_end);
  expect_good_end(waiting);
  gate_open(&holder->may_leave);
  expect_good_end(holding);
  CHECK_INT(atomic_load(&waiter->turn), 1);
  return atomic_load(&waiter->woken);
}

TEST("a commit, a rollback or a close wakes the one who waits") {
  const char *ends[] = {"rollback", NULL, "commit"};
  for (int at = 0; at < 3; at++) {
    /* A machine that stands still may have him look before. */
    int tries = 1;
    while (woken_by((Holder){.ends_with = ends[at]}) == 0) {
      if (++tries > 5) check_failed(__FILE__, __LINE__, "five times not woken");
    }
  }
}

TEST("that a stranger has given the lock back is noticed by looking") {
  const char *ends[] = {"rollback", NULL, "commit"};
  for (int at = 0; at < 3; at++) CHECK_INT(woken_by((Holder){.ends_with = ends[at], .is_plain = 1}), 0);
}

/* Who has the lock, gives it back and begins again at once. */
static void hold_twice(void *argument) {
  Waiter *again = argument;
  Client *client = open_writer("a.db");
  must(client->db, "begin immediate");
  gate_open(again->holds);
  gate_pass(again->may_begin);
  must(client->db, "commit; begin immediate");
  atomic_store(&again->turn, atomic_fetch_add(again->turns, 1) + 1);
  must(client->db, "commit");
  close_client(client);
}

/* Which turn he had at his second try, while one waited. */
static int second_turn(void) {
  Waiter *again = shared_memory(sizeof *again);
  Waiter *waiter = shared_memory(sizeof *waiter);
  again->turns = waiter->turns = shared_memory(sizeof *waiter->turns);
  again->holds = shared_memory(sizeof *again->holds);
  again->may_begin = shared_memory(sizeof *again->may_begin);
  const pid_t holding = start_process(hold_twice, again);
  gate_pass(again->holds);
  const pid_t waiting = start_process(take_turn, waiter);
  until_waiting(map_room("a.db-lockkeeper"), 1);
  gate_open(again->may_begin);
  expect_good_end(holding);
  expect_good_end(waiting);
  return atomic_load(&again->turn);
}

TEST("who gives the lock back and wants it again at once comes after the one who waits") {
  for (int at = 0; at < 5; at++) {
    int tries = 1;
    while (second_turn() != 2) {
      if (++tries > 5) check_failed(__FILE__, __LINE__, "five times overtaken");
    }
  }
}

typedef struct Checkpoint {
  Gate done;
  Gate may_close;
} Checkpoint;

static void *truncate_log(void *argument) {
  Checkpoint *checkpoint = argument;
  Client *client = open_writer("a.db");
  CHECK_INT(number_of(client->db, "pragma wal_checkpoint(truncate)"), 0);
  gate_open(&checkpoint->done);
  gate_pass(&checkpoint->may_close);
  close_client(client);
  return NULL;
}

TEST("who has the lock and waits for readers, as a checkpoint does, is no waiter for the lock afterwards") {
  Client *client = open_writer("a.db");
  must(client->db, "create table t (x); insert into t values (1)");
  sqlite3 *reader = open_plain("a.db");
  must(reader, "begin; select * from t");
  must(client->db, "insert into t values (2)");
  RoomPage *page = map_room("a.db-lockkeeper");
  Checkpoint checkpoint = {0, 0};
  const pthread_t thread = start_thread(truncate_log, &checkpoint);
  until_waiting(page, 1);
  must(reader, "commit");
  gate_pass(&checkpoint.done);
  CHECK_INT(waiters_in(page), 0);
  must(client->db, "insert into t values (2)");
  CHECK_INT(number_in_json(ask(client, "waits"), "$.deferred"), 0);
  gate_open(&checkpoint.may_close);
  join_thread(thread);
  close_plain(reader);
  close_client(client);
}
