#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "room.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "sqlite3ext.h"

SQLITE_EXTENSION_INIT3

_Static_assert(sizeof(Slot) == 64, "a slot is a cache line");
_Static_assert(sizeof(RoomPage) == ROOM_BYTES, "a room is a page");
_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2 && ATOMIC_INT_LOCK_FREE == 2, "atomics work between processes");

static const char magic[16] = "lockkeeper room";

/* A room that is being made or removed is busy for microseconds, unless the machine has no time: this is far beyond. */
#define TRIES_MAX 1000

static char *failure(const char *doing, const char *path) {
  return sqlite3_mprintf("%s %s failed: %s", doing, path, strerror(errno));
}

static void nap(void) {
  const struct timespec pause = {.tv_sec = 0, .tv_nsec = 500000};
  nanosleep(&pause, NULL);
}

/* Whether the open file is still the one that the path names. Its last user may have removed it meanwhile. */
static int is_current(int fd, const char *path) {
  struct stat opened, named;
  return fstat(fd, &opened) == 0 && stat(path, &named) == 0 && opened.st_ino == named.st_ino &&
         opened.st_dev == named.st_dev;
}

/* With the file locked for us alone: an empty file gets its page, in one write, or whoever dies between leaves half a one. */
static int make_page(int fd, mode_t mode) {
  RoomPage page;
  memset(&page, 0, sizeof page);
  memcpy(page.magic, magic, sizeof magic);
  page.version = ROOM_VERSION;
  page.slot_count = ROOM_SLOTS;
  fchmod(fd, mode); /* open() has subtracted the umask; it does not matter if this fails */
  return pwrite(fd, &page, sizeof page, 0) == (ssize_t)sizeof page;
}

/*
** Opens the file with a shared flock, which says that the room is in use, until it is closed or the process dies.
** Returns the descriptor; -1 with *why set; or -1 without: somebody makes or removes it just now, try again.
*/
static int try_open(const char *path, mode_t mode, char **why) {
  const int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, mode);
  if (fd < 0) {
    *why = failure("opening", path);
    return -1;
  }
  struct stat info;
  if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
    *why = sqlite3_mprintf("%s is not a plain file", path);
  } else if (flock(fd, (info.st_size == 0 ? LOCK_EX : LOCK_SH) | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) *why = failure("locking", path);
  } else if (!is_current(fd, path) || fstat(fd, &info) != 0) {
    /* try again */
  } else if (info.st_size == 0 && !make_page(fd, mode)) {
    *why = failure("writing", path);
  } else if (flock(fd, LOCK_SH | LOCK_NB) != 0) {
    /* Try again: changing the lock let somebody in between. It may be ours alone although somebody else has made the page. */
  } else {
    return fd;
  }
  close(fd);
  return -1;
}

static char *check_page(const RoomPage *page, const char *path) {
  if (memcmp(page->magic, magic, sizeof magic) != 0)
    return sqlite3_mprintf("%s is not a file of this extension, or is damaged: remove it while nobody uses the database", path);
  if (page->version != ROOM_VERSION)
    return sqlite3_mprintf("%s belongs to version %u of this extension, and this is version %u", path, page->version,
                           ROOM_VERSION);
  if (page->slot_count != ROOM_SLOTS)
    return sqlite3_mprintf("%s is damaged: remove it while nobody uses the database", path);
  return NULL;
}

static char *map_page(Room *room) {
  struct stat info;
  if (fstat(room->fd, &info) != 0) return failure("reading", room->path);
  /* A shorter file would end the process with SIGBUS at the first look beyond its end. */
  if (info.st_size != ROOM_BYTES)
    return sqlite3_mprintf("%s has %lld bytes instead of %d: remove it while nobody uses the database", room->path,
                           (sqlite3_int64)info.st_size, ROOM_BYTES);
  void *page = mmap(NULL, ROOM_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, room->fd, 0);
  if (page == MAP_FAILED) return failure("mapping", room->path);
  char *why = check_page(page, room->path);
  if (why == NULL) room->page = page;
  else munmap(page, ROOM_BYTES);
  return why;
}

char *room_open(Room *room, const char *database) {
  memset(room, 0, sizeof *room);
  room->fd = -1;
  if (database == NULL || database[0] == 0) return sqlite3_mprintf("the database is not in a file");
  struct stat info;
  /* Whoever may write the database may use its room, as with SQLite's own -shm file. */
  const mode_t mode = stat(database, &info) == 0 ? info.st_mode & 0777 : 0600;
  room->path = sqlite3_mprintf("%s-lockkeeper", database);
  if (room->path == NULL) return sqlite3_mprintf("out of memory");
  char *why = NULL;
  for (int tries = 0; room->fd < 0 && why == NULL && tries < TRIES_MAX; tries++) {
    if (tries > 0) nap();
    room->fd = try_open(room->path, mode, &why);
  }
  if (why == NULL && room->fd < 0) why = sqlite3_mprintf("%s is kept locked by another program", room->path);
  if (why == NULL) why = map_page(room);
  if (why != NULL) room_close(room);
  return why;
}

void room_close(Room *room) {
  const int was_ours = room->page != NULL;
  if (was_ours) munmap(room->page, ROOM_BYTES);
  if (room->fd >= 0) {
    /* Nobody else has it locked: we are the last. A file that was never ours stays. */
    if (was_ours && flock(room->fd, LOCK_EX | LOCK_NB) == 0 && is_current(room->fd, room->path)) unlink(room->path);
    close(room->fd);
  }
  sqlite3_free(room->path);
  memset(room, 0, sizeof *room);
  room->fd = -1;
}
