/*
** The waiting room: a page of memory shared by all processes that have the database open, in a file beside it named
** `<database>-lockkeeper`. Whatever lies in it is a hint. SQLite's own lock decides who writes; a room that is damaged,
** or whose contents are nonsense, costs time and fairness, never correctness.
*/
#ifndef LOCKKEEPER_ROOM_H
#define LOCKKEEPER_ROOM_H

#include <stdatomic.h>
#include <stdint.h>
#include <sys/types.h>

/* Raised when the layout below changes. Processes whose versions differ don't share a room. */
#define ROOM_VERSION 1
#define ROOM_SLOTS 63
#define ROOM_BYTES 4096

/* One connection that waits. Each has a cache line of its own. */
typedef struct Slot {
  _Atomic uint64_t owner;  /* process id << 32 | connection id; 0: free */
  _Atomic uint64_t ticket; /* lower: came earlier; 0: none yet */
  _Atomic int64_t seen_ms; /* last sign of life, on CLOCK_MONOTONIC */
  _Atomic uint32_t word;   /* a counter, raised to wake the owner, who sleeps on it */
  _Atomic uint32_t away;   /* its owner keeps the place but does not wait now */
  _Atomic uint32_t beat_ms; /* the next sign of life comes within so long */
  uint32_t unused[7];
} Slot;

typedef struct RoomPage {
  char magic[16];
  uint32_t version;
  uint32_t slot_count;
  _Atomic uint64_t tickets; /* the last one given out */
  _Atomic uint64_t holder;  /* owner of the write lock, as far as it is one of us; 0: nobody, or a stranger */
  _Atomic uint32_t slots_used; /* no slot from this one on has ever been taken */
  uint32_t unused[5];
  Slot slots[ROOM_SLOTS];
} RoomPage;

typedef struct Room {
  RoomPage *page; /* NULL: not open */
  int fd;
  char *path;
} Room;

/*
** Opens the room of a database, making it if need be. Returns NULL, or why there is none: a sentence to be freed with
** sqlite3_free.
*/
char *room_open(Room *room, const char *database);

/* Leaves the room. The last one out removes it. */
void room_close(Room *room);

#endif
