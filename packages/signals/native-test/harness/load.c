#include "load.h"
#include "client.h"
#include "room-file.h"

/* A BEGIN that fails so often would never succeed. */
#define TRIES_MAX 20000

static void make_tables(void *argument) {
  (void)argument;
  Client *client = open_writer("a.db");
  must(client->db, "create table rows (worker, number, primary key (worker, number)); create table total (n);"
                   "insert into total values (0)");
  close_client(client);
}

void prepare_load(void) {
  expect_good_end(start_process(make_tables, NULL));
}

static void note_longest(Board *board, int64_t ms) {
  int before = atomic_load(&board->longest_ms);
  while (before < ms && !atomic_compare_exchange_weak(&board->longest_ms, &before, (int)ms)) {
  }
}

static void begin(Workers *workers, Client *client, int worker) {
  Board *board = workers->board;
  atomic_store(&board->state[worker], WORKER_WAITING);
  for (int tries = 0;; tries++) {
    const int64_t began = now_ms();
    const int result = result_of(client->db, "begin immediate");
    note_longest(board, now_ms() - began);
    if (result == SQLITE_OK) break;
    if (result != SQLITE_BUSY || tries > TRIES_MAX)
      check_failed(__FILE__, __LINE__, "begin: %d after %d tries", result, tries);
    atomic_fetch_add(&board->timeouts, 1);
  }
  atomic_store(&board->state[worker], WORKER_HOLDING);
}

static void write_rows(Workers *workers, int worker) {
  Client *client = open_writer("a.db");
  tell_number(client, "wait", workers->wait_ms);
  const char *last = kept("select coalesce(max(number), 0) from rows where worker = %d", worker);
  const int stored = (int)number_of(client->db, last);
  CHECK(stored >= atomic_load(&workers->board->acknowledged[worker]));
  atomic_store(&workers->board->acknowledged[worker], stored);
  for (int number = stored + 1; number <= workers->rows; number++) {
    begin(workers, client, worker);
    char sql[120];
    sqlite3_snprintf(sizeof sql, sql, "insert into rows values (%d, %d); update total set n = n + 1", worker, number);
    must(client->db, sql);
    must(client->db, "commit");
    atomic_store(&workers->board->acknowledged[worker], number);
    atomic_fetch_add(&workers->board->commits, 1);
    atomic_store(&workers->board->state[worker], WORKER_OUT);
  }
  close_client(client);
}

typedef struct Seat {
  Workers *workers;
  int worker;
} Seat;

static void *run_seat(void *argument) {
  Seat *seat = argument;
  write_rows(seat->workers, seat->worker);
  return NULL;
}

void run_workers(void *argument) {
  Workers *workers = argument;
  pthread_t threads[WORKERS_MAX];
  Seat seats[WORKERS_MAX];
  for (int at = 0; at < workers->threads; at++) {
    seats[at] = (Seat){workers, workers->first + at};
    threads[at] = start_thread(run_seat, &seats[at]);
  }
  for (int at = 0; at < workers->threads; at++) join_thread(threads[at]);
}

typedef struct Expected {
  int workers;
  int rows;
} Expected;

static void check(void *argument) {
  const Expected *expected = argument;
  Client *client = open_writer("a.db");
  const int all = expected->workers * expected->rows;
  CHECK_INT(number_of(client->db, "select count(*) from rows"), all);
  CHECK_INT(number_of(client->db, "select n from total"), all);
  CHECK_INT(number_of(client->db, "select count(distinct worker) from rows"), expected->workers);
  CHECK_INT(number_of(client->db, "select max(number) from rows"), expected->rows);
  CHECK_TEXT(text_of(client->db, "pragma integrity_check"), "ok");
  close_client(client);
  CHECK(!is_there("a.db-lockkeeper"));
}

void check_load(int workers, int rows) {
  Expected expected = {workers, rows};
  expect_good_end(start_process(check, &expected));
}
