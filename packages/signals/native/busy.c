#include "busy.h"
#include <stddef.h>
#include "queue.h"
#include "sleep.h"

SQLITE_EXTENSION_INIT3

/* How often the lock itself is tried while one of us holds it: its release wakes us, so this is for what nobody foresaw. */
#define LOOK_MS_BESIDE_KNOWN 100
/* How often one tries it who seems not to be the first: the room may be wrong about that. */
#define LOOK_MS_BEHIND_OTHERS 500

/*
** Who holds the lock does not tell us when he releases it: a look after so long. At first as often as those look who wait
** without us, or they would have the lock again each time before we look; less often for one who keeps it.
*/
#define LOOKS_IN_HASTE 20

static int64_t look_after_ms(const Connection *connection) {
  static const int64_t steps[] = {1, 2, 2, 3, 4, 5, 6, 8};
  const int last = (int)(sizeof steps / sizeof steps[0]) - 1;
  const int step = connection->looks < LOOKS_IN_HASTE ? 0 : connection->looks - LOOKS_IN_HASTE;
  return steps[step < last ? step : last];
}

static _Atomic uint32_t *word_of(Connection *connection) {
  const int slot = atomic_load(&connection->slot);
  return slot >= 0 && connection->room.page != NULL ? &connection->room.page->slots[slot].word : &connection->own_word;
}

static int look(Connection *connection, int64_t now) {
  connection->looks++;
  connection->looked_ms = now;
  return 1;
}

static int give_up(Connection *connection) {
  connection->waits.timed_out++;
  queue_go_away(connection);
  return 0;
}

/* Whether it is time to look at the lock again although nobody said that it is free. */
static int is_time_to_look(Connection *connection, int64_t now, int was_first) {
  const int64_t since = now - connection->looked_ms;
  if (connection->room.page == NULL || atomic_load(&connection->slot) < 0) return since >= look_after_ms(connection);
  if (!queue_is_first(connection)) return since >= LOOK_MS_BEHIND_OTHERS;
  /* Those before us are gone. */
  if (!was_first) return 1;
  switch (queue_holder(connection)) {
    case HOLDER_STRANGER: return since >= look_after_ms(connection);
    case HOLDER_DEAD: return 1;
    default: return since >= LOOK_MS_BESIDE_KNOWN;
  }
}

static int64_t sleep_ms(Connection *connection, int64_t now, int is_first) {
  /* Half of what it has waited so far: whoever waits for long can wait a little longer for what nobody tells. */
  const int64_t waited = connection->wait_ms_max - (connection->deadline_ms - now);
  const int64_t half = waited / 2;
  const int64_t beat = half < QUEUE_BEAT_MS ? QUEUE_BEAT_MS : half < QUEUE_BEAT_MS_MAX ? half : QUEUE_BEAT_MS_MAX;
  queue_beat(connection, beat);
  int64_t ms = beat;
  const int known = connection->room.page != NULL && atomic_load(&connection->slot) >= 0;
  if (!known || (is_first && atomic_load(&connection->room.page->holder) == 0)) {
    const int64_t next = look_after_ms(connection) - (now - connection->looked_ms);
    ms = next < 1 ? 1 : next;
  }
  return connection->deadline_ms - now < ms ? connection->deadline_ms - now : ms;
}

/* Sleeps until it is worth to look at the lock again. Returns 0 if the wait is over without it. */
static int wait_for_lock(Connection *connection) {
  int was_first = queue_is_first(connection);
  for (;;) {
    const int64_t now = now_ms();
    if (atomic_exchange(&connection->cancelled, 0) || now >= connection->deadline_ms) return give_up(connection);
    _Atomic uint32_t *word = word_of(connection);
    if (atomic_load(word) != connection->seen_word) {
      connection->seen_word = atomic_load(word);
      connection->waits.woken++;
      return look(connection, now);
    }
    if (is_time_to_look(connection, now, was_first)) {
      connection->waits.polled++;
      return look(connection, now);
    }
    was_first = queue_is_first(connection);
    sleep_on(word, connection->seen_word, sleep_ms(connection, now, was_first));
  }
}

/* SQLite calls it each time it finds the lock taken, with the number of calls before; 0 ends the wait with SQLITE_BUSY. */
static int on_busy(void *argument, int calls) {
  Connection *connection = argument;
  const int64_t began = now_us();
  if (calls == 0) {
    connection->waits.waits++;
    connection->looks = 0;
    connection->deadline_ms = began / 1000 + connection->wait_ms_max;
    connection->looked_ms = began / 1000;
    connection->seen_word = atomic_load(word_of(connection));
  }
  /*
  ** Without a place: it has just come, or it had the lock and gave it back, because somebody had committed between its first
  ** look at the file and the lock (SQLITE_BUSY_SNAPSHOT). In the queue from now on: so it looks once more, since a release
  ** before this has woken nobody.
  */
  const int has_place = calls > 0 && atomic_load(&connection->slot) >= 0;
  if (!has_place && began / 1000 < connection->deadline_ms && queue_join(connection)) return look(connection, began / 1000);
  const int again = wait_for_lock(connection);
  connection->waits.waited_us += now_us() - began;
  return again;
}

void busy_install(Connection *connection) {
  sqlite3_busy_handler(connection->db, on_busy, connection);
}

void busy_cancel(Connection *connection) {
  atomic_store(&connection->cancelled, 1);
  wake_sleeper(word_of(connection));
}
