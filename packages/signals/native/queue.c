#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "queue.h"
#include <errno.h>
#include <signal.h>
#include <unistd.h>
#include "sleep.h"

/* A place that its owner left without giving it up is his for so long. */
#define PLACE_KEPT_MS 1000
/* A slot whose owner gave no sign for so long may be taken over. */
#define SLOT_ABANDONED_MS 10000
/* However long others are first, the lock itself is tried this often: the room may be wrong, SQLite is not. */
#define DEFER_MS_MAX 100

static uint64_t owner_of(const Connection *connection) {
  return (uint64_t)(uint32_t)getpid() << 32 | connection->id;
}

static int is_alive(uint64_t owner) {
  return kill((pid_t)(owner >> 32), 0) == 0 || errno != ESRCH;
}

/* A time ahead of now is from another boot, or nonsense. */
static int seen_within(const Slot *slot, int64_t now, int64_t ms) {
  const int64_t seen = atomic_load(&slot->seen_ms);
  return seen >= now - ms && seen <= now + ms;
}

static int is_waiting(const Slot *slot, int64_t now) {
  const uint32_t beat_ms = atomic_load(&slot->beat_ms);
  const int64_t stale_ms = 60 + 2 * (int64_t)(beat_ms < QUEUE_BEAT_MS_MAX ? beat_ms : QUEUE_BEAT_MS_MAX);
  return atomic_load(&slot->away) == 0 && seen_within(slot, now, stale_ms);
}

static Slot *own_slot(Connection *connection) {
  const int index = atomic_load(&connection->slot);
  if (connection->room.page == NULL || index < 0) return NULL;
  Slot *slot = &connection->room.page->slots[index];
  /* Taken over, because we gave no sign of life for long. */
  if (atomic_load(&slot->owner) != owner_of(connection)) {
    atomic_store(&connection->slot, -1);
    return NULL;
  }
  return slot;
}

static uint32_t slots_used(const RoomPage *page) {
  const uint32_t used = atomic_load(&page->slots_used);
  return used <= ROOM_SLOTS ? used : ROOM_SLOTS;
}

static Slot *first_in(RoomPage *page, int64_t now) {
  Slot *first = NULL;
  uint64_t lowest = UINT64_MAX;
  for (uint32_t at = 0; at < slots_used(page); at++) {
    Slot *slot = &page->slots[at];
    if (atomic_load(&slot->owner) == 0) continue;
    const uint64_t ticket = atomic_load(&slot->ticket);
    if (ticket == 0 || ticket >= lowest || !is_waiting(slot, now)) continue;
    first = slot;
    lowest = ticket;
  }
  return first;
}

static void wake_first(RoomPage *page) {
  Slot *first = first_in(page, now_ms());
  if (first != NULL) wake_sleeper(&first->word);
}

/* Takes a free slot or, if there is none, one whose owner is gone. */
static Slot *claim_slot(RoomPage *page, uint64_t owner, int64_t now) {
  for (int abandoned = 0; abandoned < 2; abandoned++) {
    for (int at = 0; at < ROOM_SLOTS; at++) {
      Slot *slot = &page->slots[at];
      uint64_t before = atomic_load(&slot->owner);
      if (before != 0 && (!abandoned || (seen_within(slot, now, SLOT_ABANDONED_MS) && is_alive(before)))) continue;
      if (atomic_compare_exchange_strong(&slot->owner, &before, owner)) return slot;
    }
  }
  return NULL;
}

static void note_used(RoomPage *page, uint32_t count) {
  uint32_t used = atomic_load(&page->slots_used);
  while (used < count && !atomic_compare_exchange_weak(&page->slots_used, &used, count)) {
  }
}

static uint64_t next_ticket(RoomPage *page) {
  const uint64_t ticket = atomic_fetch_add(&page->tickets, 1) + 1;
  return ticket != 0 ? ticket : atomic_fetch_add(&page->tickets, 1) + 1;
}

int queue_join(Connection *connection) {
  RoomPage *page = connection->room.page;
  if (page == NULL) return 0;
  const int64_t now = now_ms();
  Slot *slot = own_slot(connection);
  if (slot != NULL && connection->left_ms != 0 && now - connection->left_ms > PLACE_KEPT_MS) {
    queue_leave(connection);
    slot = NULL;
  }
  if (slot == NULL) {
    slot = claim_slot(page, owner_of(connection), now);
    if (slot == NULL) return 0;
    atomic_store(&slot->ticket, 0);
    note_used(page, (uint32_t)(slot - page->slots) + 1);
    atomic_store(&connection->slot, (int)(slot - page->slots));
  }
  connection->left_ms = 0;
  /* Read before the look that follows: a release after this point changes it, and then sleeping on it returns at once. */
  connection->seen_word = atomic_load(&slot->word);
  atomic_store(&slot->beat_ms, QUEUE_BEAT_MS);
  atomic_store(&slot->seen_ms, now);
  atomic_store(&slot->away, 0);
  if (atomic_load(&slot->ticket) == 0) atomic_store(&slot->ticket, next_ticket(page));
  return 1;
}

void queue_go_away(Connection *connection) {
  Slot *slot = own_slot(connection);
  if (slot == NULL) return;
  connection->left_ms = now_ms();
  atomic_store(&slot->away, 1);
  /* It may have been woken and not have looked: the next one looks instead. */
  wake_first(connection->room.page);
}

static void free_slot(Connection *connection) {
  Slot *slot = own_slot(connection);
  connection->left_ms = 0;
  connection->deferring_ms = 0;
  if (slot == NULL) return;
  atomic_store(&slot->ticket, 0);
  atomic_store(&slot->away, 0);
  atomic_store(&slot->owner, 0);
  atomic_store(&connection->slot, -1);
}

void queue_leave(Connection *connection) {
  free_slot(connection);
  if (connection->room.page != NULL) wake_first(connection->room.page);
}

void queue_beat(Connection *connection, int64_t beat_ms) {
  Slot *slot = own_slot(connection);
  if (slot == NULL) return;
  atomic_store(&slot->beat_ms, (uint32_t)beat_ms);
  atomic_store(&slot->seen_ms, now_ms());
}

int queue_is_first(Connection *connection) {
  Slot *slot = own_slot(connection);
  if (slot == NULL) return 0;
  const int64_t now = now_ms();
  atomic_store(&slot->seen_ms, now);
  return first_in(connection->room.page, now) == slot;
}

int queue_must_defer(Connection *connection) {
  RoomPage *page = connection->room.page;
  if (page == NULL || slots_used(page) == 0) return 0;
  const int64_t now = now_ms();
  Slot *own = own_slot(connection);
  if (own != NULL && connection->left_ms != 0) own = queue_join(connection) ? own_slot(connection) : NULL;
  Slot *first = first_in(page, now);
  if (first == NULL || first == own) return 0;
  if (own != NULL && atomic_load(&own->ticket) != 0 && atomic_load(&own->ticket) < atomic_load(&first->ticket)) return 0;
  const int64_t deferring_ms = now - connection->deferring_ms;
  if (connection->deferring_ms == 0 || deferring_ms > PLACE_KEPT_MS) connection->deferring_ms = now;
  else if (deferring_ms >= DEFER_MS_MAX) {
    connection->deferring_ms = now;
    return 0;
  }
  connection->waits.deferred++;
  return 1;
}

void queue_on_taken(Connection *connection) {
  if (connection->room.page == NULL) return;
  free_slot(connection);
  atomic_store(&connection->room.page->holder, owner_of(connection));
}

void queue_on_released(Connection *connection) {
  RoomPage *page = connection->room.page;
  if (page == NULL) return;
  /* A checkpoint has the lock while it waits for readers, and takes a place for that: it waits for nothing any more. */
  free_slot(connection);
  uint64_t self = owner_of(connection);
  atomic_compare_exchange_strong(&page->holder, &self, 0);
  if (slots_used(page) > 0) wake_first(page);
}

Holder queue_holder(Connection *connection) {
  uint64_t holder = atomic_load(&connection->room.page->holder);
  if (holder == 0) return HOLDER_STRANGER;
  if (is_alive(holder)) return HOLDER_ALIVE;
  /* It died with the lock, which the system has released. */
  atomic_compare_exchange_strong(&connection->room.page->holder, &holder, 0);
  return HOLDER_DEAD;
}
