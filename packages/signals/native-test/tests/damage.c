/* A room that is damaged while it is used: it costs time and fairness, never a commit. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "../harness/client.h"
#include "../harness/load.h"
#include "../harness/room-file.h"

enum { PROCESSES = 3, THREADS = 2 };

/* No BEGIN may take longer in a room that lies, however long it would wait. */
#define BEGIN_MS_MAX 10000
#define WAIT_MS 30000

typedef void Damage(RoomPage *page, Random *random, int64_t now);

typedef struct Vandal {
  Damage *damage;
  Gate stop;
  _Atomic int done; /* times that it struck */
} Vandal;

/* A process that strikes again and again, in a room that it keeps open for itself. */
static void ravage(void *argument) {
  Vandal *vandal = argument;
  Client *client = open_writer("a.db");
  RoomPage *page = map_room("a.db-lockkeeper");
  Random random = random_stream("damage", 0);
  while (atomic_load(&vandal->stop) == 0) {
    vandal->damage(page, &random, now_ms());
    atomic_fetch_add(&vandal->done, 1);
    nap_us(random_below(&random, 300));
  }
  close_client(client);
}

static void commit_beside(Damage *damage, int rows) {
  Board *board = shared_memory(sizeof *board);
  Vandal *vandal = shared_memory(sizeof *vandal);
  prepare_load();
  vandal->damage = damage;
  const pid_t ravaging = start_process(ravage, vandal);
  until_reached(&vandal->done, 1);
  Workers workers[PROCESSES];
  pid_t running[PROCESSES];
  for (int at = 0; at < PROCESSES; at++) {
    workers[at] = (Workers){board, at * THREADS, THREADS, rows, WAIT_MS};
    running[at] = start_process(run_workers, &workers[at]);
  }
  for (int at = 0; at < PROCESSES; at++) expect_good_end(running[at]);
  gate_open(&vandal->stop);
  expect_good_end(ravaging);
  fprintf(stderr, "struck %d times; longest BEGIN %d ms\n", atomic_load(&vandal->done), atomic_load(&board->longest_ms));
  CHECK_INT(atomic_load(&board->timeouts), 0);
  CHECK(atomic_load(&board->longest_ms) < BEGIN_MS_MAX);
  check_load(PROCESSES * THREADS, rows);
}

/* Any byte of the page but those that are looked at once, when it is opened. */
static void random_byte(RoomPage *page, Random *random, int64_t now) {
  (void)now;
  const int from = offsetof(RoomPage, tickets);
  const int at = from + random_below(random, random_below(random, 2) == 0 ? ROOM_BYTES - from : 5 * (int)sizeof(Slot));
  ((volatile unsigned char *)page)[at] = (unsigned char)random_number(random);
}

TEST("random bytes, written all over the room again and again, cost no commit") {
  commit_beside(random_byte, scaled(60));
}

static void random_slots(RoomPage *page, Random *random, int64_t now) {
  (void)now;
  for (int at = 0; at < ROOM_SLOTS; at++) {
    Slot *slot = &page->slots[at];
    atomic_store(&slot->owner, random_number(random));
    atomic_store(&slot->ticket, random_number(random));
    atomic_store(&slot->seen_ms, (int64_t)random_number(random));
    atomic_store(&slot->word, (uint32_t)random_number(random));
    atomic_store(&slot->away, (uint32_t)random_number(random));
    atomic_store(&slot->beat_ms, (uint32_t)random_number(random));
  }
}

TEST("slots full of nonsense cost no commit") {
  commit_beside(random_slots, scaled(40));
}

static void wipe(RoomPage *page, Random *random, int64_t now) {
  (void)now;
  memset((char *)page + offsetof(RoomPage, tickets), random_below(random, 2) == 0 ? 0 : 0xff,
         ROOM_BYTES - offsetof(RoomPage, tickets));
}

TEST("a room that is wiped again and again, with zeros and with ones, costs no commit") {
  commit_beside(wipe, scaled(40));
}

static void shuffle(RoomPage *page, Random *random, int64_t now) {
  (void)now;
  Slot *from = &page->slots[random_below(random, 8)];
  Slot *to = &page->slots[random_below(random, 8)];
  atomic_store(&to->owner, atomic_load(&from->owner));
  atomic_store(&to->ticket, atomic_load(&from->ticket));
  atomic_store(&to->seen_ms, atomic_load(&from->seen_ms));
  atomic_store(&to->away, atomic_load(&from->away));
}

TEST("places that are copied over each other cost no commit") {
  commit_beside(shuffle, scaled(60));
}

/* What is plausible is believed longest. */
static void forget_users(RoomPage *page, Random *random, int64_t now) {
  (void)random;
  (void)now;
  atomic_store(&page->slots_used, 0);
}

TEST("a room that says nobody is in it keeps nobody from the lock") {
  commit_beside(forget_users, scaled(10));
}

static void pose_as_first(RoomPage *page, Random *random, int64_t now) {
  (void)random;
  Slot *slot = &page->slots[ROOM_SLOTS - 1];
  atomic_store(&slot->owner, (uint64_t)getpid() << 32 | 12345);
  atomic_store(&slot->ticket, 1);
  atomic_store(&slot->away, 0);
  atomic_store(&slot->seen_ms, now);
  atomic_store(&page->slots_used, ROOM_SLOTS);
}

TEST("one who is always first, always awake, and never takes the lock keeps nobody from the lock") {
  commit_beside(pose_as_first, scaled(3));
}

static void pose_as_holder(RoomPage *page, Random *random, int64_t now) {
  (void)random;
  (void)now;
  atomic_store(&page->holder, (uint64_t)getpid() << 32 | 12345);
}

TEST("a room that names a holder who has nothing keeps nobody from the lock") {
  commit_beside(pose_as_holder, scaled(20));
}

static void hush(RoomPage *page, Random *random, int64_t now) {
  (void)random;
  (void)now;
  for (int at = 0; at < ROOM_SLOTS; at++) {
    atomic_store(&page->slots[at].word, 7);
    atomic_store(&page->slots[at].away, 1);
  }
}

TEST("a room in which all seem to be away, and no wake is heard, keeps nobody from the lock") {
  commit_beside(hush, scaled(10));
}

static void last_ticket(RoomPage *page, Random *random, int64_t now) {
  (void)random;
  (void)now;
  atomic_store(&page->tickets, UINT64_MAX - 2);
}

TEST("tickets that run over keep nobody from the lock") {
  commit_beside(last_ticket, scaled(10));
}

typedef struct Split {
  Board *board;
  Gate first_in;
} Split;

static void stay_in_old_room(void *argument) {
  Split *split = argument;
  Client *client = open_writer("a.db");
  gate_open(&split->first_in);
  tell_number(client, "wait", 20000);
  Workers workers = {split->board, 0, 1, scaled(60), 20000};
  run_workers(&workers);
  close_client(client);
}

TEST("when the room's file is removed beneath its users, old and new ones share the lock from two rooms") {
  prepare_load();
  Split *split = shared_memory(sizeof *split);
  split->board = shared_memory(sizeof *split->board);
  const pid_t old = start_process(stay_in_old_room, split);
  gate_pass(&split->first_in);
  CHECK_INT(unlink("a.db-lockkeeper"), 0);
  Workers workers = {split->board, 1, 2, scaled(60), 20000};
  const pid_t new = start_process(run_workers, &workers);
  expect_good_end(old);
  expect_good_end(new);
  CHECK_INT(atomic_load(&split->board->timeouts), 0);
  check_load(3, scaled(60));
}
