#include "room-file.h"
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "check.h"
#include "processes.h"

RoomPage *map_room(const char *path) {
  const int file = open(path, O_RDWR | O_CLOEXEC);
  if (file < 0) check_failed(__FILE__, __LINE__, "%s can't be opened", path);
  struct stat info;
  CHECK_INT(fstat(file, &info), 0);
  CHECK_INT(info.st_size, ROOM_BYTES);
  void *page = mmap(NULL, ROOM_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  CHECK(page != MAP_FAILED);
  close(file);
  return page;
}

int is_there(const char *path) {
  struct stat info;
  return lstat(path, &info) == 0;
}

void until_there(const char *path) {
  struct stat info;
  for (int tries = 0; stat(path, &info) != 0 || info.st_size != ROOM_BYTES; tries++) {
    if (tries > 100000) check_failed(__FILE__, __LINE__, "%s does not come", path);
    nap_us(300);
  }
}

int waiters_in(RoomPage *page) {
  int count = 0;
  for (int at = 0; at < ROOM_SLOTS; at++) {
    const Slot *slot = &page->slots[at];
    if (atomic_load(&slot->owner) != 0 && atomic_load(&slot->ticket) != 0 && atomic_load(&slot->away) == 0) count++;
  }
  return count;
}

void until_waiting(RoomPage *page, int count) {
  for (int tries = 0; waiters_in(page) < count; tries++) {
    if (tries > 100000) check_failed(__FILE__, __LINE__, "%d wait, not %d", waiters_in(page), count);
    nap_us(300);
  }
}
