/*
** The queue before the write lock, in the room that all processes share. It only advises: who is not first leaves his
** try to the one who is, and who releases the lock wakes the one who is. SQLite's lock decides all the same.
*/
#ifndef LOCKKEEPER_QUEUE_H
#define LOCKKEEPER_QUEUE_H

#include "connection.h"

/*
** A waiter gives a sign of life at each beat: every 20 ms at first, every 100 ms once it has waited long, since each costs a
** wake-up. Whoever has missed two is passed over.
*/
#define QUEUE_BEAT_MS 20
#define QUEUE_BEAT_MS_MAX 100

/* Takes a place at the end of the queue, or goes back to the one it has. Returns 0 if the room is full. */
int queue_join(Connection *connection);
/* Keeps its place, but nobody waits for it: it is asked again soon. */
void queue_go_away(Connection *connection);
/* Gives its place up. */
void queue_leave(Connection *connection);

/* It gives its next sign of life within so many ms. */
void queue_beat(Connection *connection, int64_t beat_ms);
int queue_is_first(Connection *connection);
/* Whether a try for the lock now would overtake somebody. */
int queue_must_defer(Connection *connection);

void queue_on_taken(Connection *connection);
void queue_on_released(Connection *connection);

/* Who holds the lock. */
typedef enum { HOLDER_STRANGER, HOLDER_ALIVE, HOLDER_DEAD } Holder;
Holder queue_holder(Connection *connection);

#endif
