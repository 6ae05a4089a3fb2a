/* A look into the room from outside, by its layout in native/room.h. */
#ifndef LOCKKEEPER_ROOM_FILE_H
#define LOCKKEEPER_ROOM_FILE_H

#include "../../native/room.h"

/* Maps the room's file, which must be there and whole. The mapping stays. */
RoomPage *map_room(const char *path);
int is_there(const char *path);
/* Until somebody has made it. */
void until_there(const char *path);

/* How many are in the queue and wait. */
int waiters_in(RoomPage *page);
/* Until so many wait. */
void until_waiting(RoomPage *page, int count);

#endif
