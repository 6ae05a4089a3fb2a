/*
** What the extension keeps for each SQLite connection that has loaded it. One thread uses a connection at a time; what
** other threads may touch is atomic, and reached through the registry only.
*/
#ifndef LOCKKEEPER_CONNECTION_H
#define LOCKKEEPER_CONNECTION_H

#include <stdatomic.h>
#include <stdint.h>
#include "sqlite3ext.h"
#include "profile.h"
#include "room.h"
#include "tables.h"

/* Raised when the SQL face or the meaning of an answer changes. The TypeScript face asks for exactly this one. */
#define LOCKKEEPER_PROTOCOL 1

typedef struct Shim Shim;

/* How the waits for the write lock went, since the connection opened. */
typedef struct LockWaits {
  sqlite3_int64 waits;     /* BEGINs that found the lock taken */
  sqlite3_int64 waited_us; /* time they spent in the busy handler */
  sqlite3_int64 woken;     /* looks at the lock because somebody released it */
  sqlite3_int64 polled;    /* looks at the lock because time had passed */
  sqlite3_int64 timed_out; /* waits given up at their deadline or cancelled */
  sqlite3_int64 deferred;  /* tries left to somebody who had waited longer */
} LockWaits;

typedef struct Connection {
  sqlite3 *db;
  uint32_t id;
  int users;     /* of this memory: SQLite's function, its client data, the shim */
  char key[33];
  int opened;    /* the key has been handed out */
  int is_writer; /* watched as the writer */

  /* the wait under way; see busy.c */
  int wait_ms_max;
  int64_t deadline_ms;
  int64_t began_us;
  int64_t looked_ms; /* when the lock itself was last tried */
  int looks;         /* tries since the wait began */
  LockWaits waits;
  _Atomic int cancelled;
  _Atomic uint32_t own_word; /* slept on where there is no shared room */

  /* the place in the queue; see queue.c */
  Room room;
  _Atomic int slot;     /* -1: not in the queue */
  uint32_t seen_word;   /* the slot's word at the last look */
  int64_t left_ms;      /* when a wait was given up, its place kept; 0: not so */
  int64_t deferring_ms; /* since when tries have been left to others; 0: they have not */
  Shim *shim;

  Profile profile;
  TableSet touched;   /* by the open transaction */
  Unseen compiling; /* by the statements compiled since the last look */
  sqlite3_int64 changes_seen;
  int settling; /* our own SQL runs: not to be profiled */

  struct Connection *next; /* in the registry */
} Connection;

/* One of its users has gone; with the last one it is freed. */
void connection_release(Connection *connection);

#endif
