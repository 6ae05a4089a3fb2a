/*
** Many who write one database at once. Every worker commits rows of its own, numbered from 1, one to a transaction, and
** raises a common count in the same transaction: whatever is lost, doubled or overwritten shows in the sums.
*/
#ifndef LOCKKEEPER_LOAD_H
#define LOCKKEEPER_LOAD_H

#include "processes.h"

#define WORKERS_MAX 96

typedef enum { WORKER_OUT, WORKER_WAITING, WORKER_HOLDING } WorkerState;

/* In shared memory: what the workers tell. */
typedef struct Board {
  _Atomic int commits;
  _Atomic int timeouts; /* BEGINs that ended in SQLITE_BUSY */
  _Atomic int longest_ms; /* the longest BEGIN */
  _Atomic int acknowledged[WORKERS_MAX];
  _Atomic int state[WORKERS_MAX];
} Board;

typedef struct Workers {
  Board *board;
  int first;   /* number of the first worker of this process */
  int threads; /* so many workers, each in a thread of its own */
  int rows;    /* that each worker brings to commit */
  int wait_ms; /* longest wait of a BEGIN; after it, it is tried again */
} Workers;

/* Makes the tables, in a process of its own. */
void prepare_load(void);
/* The body of a process: a `Workers`. A worker that finds rows of its own goes on behind the last. */
void run_workers(void *workers);
/* In a process of its own: every worker's rows are there, the count is right, the database is sound, the room is gone. */
void check_load(int workers, int rows);

#endif
