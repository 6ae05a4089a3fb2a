/* Processes that are killed: with the lock, before it, and at any moment. */
#include <stdio.h>
#include <string.h>
#include "../harness/client.h"
#include "../harness/load.h"
#include "../harness/room-file.h"

typedef struct Life {
  Gate reached;
  Gate may_end;
} Life;

static void hold(void *argument) {
  Life *life = argument;
  Client *client = open_writer("a.db");
  must(client->db, "begin immediate; insert into rows values (-1, -1)");
  gate_open(&life->reached);
  gate_pass(&life->may_end);
  must(client->db, "rollback");
  close_client(client);
}

static void wait_and_write(void *argument) {
  Life *life = argument;
  Client *client = open_writer("a.db");
  must(client->db, "begin immediate");
  gate_open(&life->reached);
  must(client->db, "insert into rows (worker) values (0); commit");
  close_client(client);
}

static Life *new_life(void) {
  return shared_memory(sizeof(Life));
}

static void expect_rows(void *argument) {
  Client *client = open_writer("a.db");
  CHECK_INT(number_of(client->db, "select count(*) from rows"), *(int *)argument);
  CHECK_TEXT(text_of(client->db, "pragma integrity_check"), "ok");
  close_client(client);
  CHECK(!is_there("a.db-lockkeeper"));
}

TEST("when the one with the lock is killed, the one who waits gets it, and the room goes with the last") {
  prepare_load();
  int count = scaled(8);
  for (int at = 0; at < count; at++) {
    Life *holding = new_life();
    Life *waiting = new_life();
    const pid_t holder = start_process(hold, holding);
    gate_pass(&holding->reached);
    const pid_t waiter = start_process(wait_and_write, waiting);
    until_waiting(map_room("a.db-lockkeeper"), 1);
    kill_process(holder);
    expect_good_end(waiter);
    CHECK(!is_there("a.db-lockkeeper"));
  }
  expect_good_end(start_process(expect_rows, &count));
}

TEST("when those who wait are killed, however many, the one behind them gets the lock") {
  prepare_load();
  /* More than the room has places: those of the dead are taken over. */
  const int count = scaled(ROOM_SLOTS + 9);
  Life *holding = new_life();
  const pid_t holder = start_process(hold, holding);
  gate_pass(&holding->reached);
  RoomPage *page = map_room("a.db-lockkeeper");
  pid_t waiters[9];
  for (int at = 0; at < count; at += 9) {
    const uint64_t before = atomic_load(&page->tickets);
    for (int each = 0; each < 9; each++) waiters[each] = start_process(wait_and_write, new_life());
    while (atomic_load(&page->tickets) < before + 9) nap_us(300);
    for (int each = 0; each < 9; each++) kill_process(waiters[each]);
  }
  Life *waiting = new_life();
  const uint64_t before = atomic_load(&page->tickets);
  const pid_t waiter = start_process(wait_and_write, waiting);
  while (atomic_load(&page->tickets) == before) nap_us(300);
  CHECK_INT(atomic_load(&waiting->reached), 0);
  gate_open(&holding->may_end);
  expect_good_end(holder);
  expect_good_end(waiter);
  int rows = 1;
  expect_good_end(start_process(expect_rows, &rows));
}

TEST("a process that is killed and leaves its room behind is followed by others who find it in order") {
  prepare_load();
  for (int at = 0; at < scaled(6); at++) {
    Life *holding = new_life();
    const pid_t holder = start_process(hold, holding);
    gate_pass(&holding->reached);
    kill_process(holder);
    CHECK(is_there("a.db-lockkeeper"));
    int rows = at;
    Life *next = new_life();
    expect_good_end(start_process(wait_and_write, next));
    rows++;
    CHECK(!is_there("a.db-lockkeeper"));
    expect_good_end(start_process(expect_rows, &rows));
  }
}

/* Random kills: whoever is killed comes again and goes on behind his last row. */
enum { PROCESSES = 4, THREADS = 2 };

typedef struct Killer {
  Workers workers[PROCESSES];
  pid_t running[PROCESSES]; /* 0: it has ended well */
  int killed[3];            /* by the state in which a worker of it was */
} Killer;

static int running_in(Killer *killer) {
  int count = 0;
  for (int at = 0; at < PROCESSES; at++) {
    if (killer->running[at] != 0 && has_ended(killer->running[at])) killer->running[at] = 0;
    count += killer->running[at] != 0;
  }
  return count;
}

/* Kills one of them at random, at best while its first worker is in the wanted state, and starts it anew. */
static void kill_one(Killer *killer, Board *board, Random *random) {
  const int at = random_below(random, PROCESSES);
  const int wanted = random_below(random, 3);
  _Atomic int *state = &board->state[at * THREADS];
  for (int looks = random_below(random, 4000); looks > 0 && atomic_load(state) != wanted; looks--) {
  }
  if (killer->running[at] == 0 || has_ended(killer->running[at])) {
    killer->running[at] = 0;
    return;
  }
  killer->killed[atomic_load(state)]++;
  kill_process(killer->running[at]);
  killer->running[at] = start_process(run_workers, &killer->workers[at]);
}

TEST("processes killed at random, seeded moments lose nothing that was acknowledged, and the others go on") {
  prepare_load();
  Board *board = shared_memory(sizeof *board);
  Random random = random_stream("kills", 0);
  Killer *killer = shared_memory(sizeof *killer);
  const int rows = scaled(120);
  for (int at = 0; at < PROCESSES; at++) {
    killer->workers[at] = (Workers){board, at * THREADS, THREADS, rows, 20000};
    killer->running[at] = start_process(run_workers, &killer->workers[at]);
  }
  /* The next kill comes after so many commits more. */
  const int kills = scaled(20);
  const int step = PROCESSES * THREADS * rows / (kills + 1);
  for (int at = 0; at < kills && running_in(killer) > 0; at++) {
    const int until = atomic_load(&board->commits) + random_below(&random, 2 * step);
    while (atomic_load(&board->commits) < until && running_in(killer) > 0) nap_us(100);
    kill_one(killer, board, &random);
  }
  while (running_in(killer) > 0) nap_us(1000);
  fprintf(stderr, "killed: %d between, %d waiting, %d with the lock\n", killer->killed[WORKER_OUT],
          killer->killed[WORKER_WAITING], killer->killed[WORKER_HOLDING]);
  CHECK(killer->killed[WORKER_OUT] + killer->killed[WORKER_WAITING] + killer->killed[WORKER_HOLDING] > 0);
  for (int at = 0; at < PROCESSES * THREADS; at++) CHECK_INT(atomic_load(&board->acknowledged[at]), rows);
  CHECK_INT(atomic_load(&board->timeouts), 0);
  check_load(PROCESSES * THREADS, rows);
}
