/*
 * Makes system calls fail below SQLite, for tests: preloaded into a program (LD_PRELOAD), it stands before libc. Only files of
 * one folder are touched, and only while the test says so, in a file of a few words that both processes map or read.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* The order is that of `calls` and `files` in control.ts. */
enum call { READ, WRITE, SYNC, TRUNCATE, OPEN, LOCK, MAP, UNLINK, CLOSE, STAT };
enum file { NONE, DATABASE, LOG, INDEX, JOURNAL, FOLDER };

struct control {
  _Atomic int32_t armed;
  int32_t call, file;
  /* Calls that pass first, and calls that fail then; below zero: all, until the test lifts it. */
  _Atomic int32_t passing, failing;
  int32_t error;
  _Atomic int32_t injected;
};

enum { DESCRIPTORS = 65536 };
static _Atomic unsigned char kinds[DESCRIPTORS];
static struct control *control;
static const char *folder;
static size_t folder_length;

#define REAL(name) ((__typeof__(&name))real(#name))

static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("LOCKKEEPER_FAULTS_CONTROL");
  folder = getenv("LOCKKEEPER_FAULTS_FOLDER");
  if (path == NULL || folder == NULL) return;
  folder_length = strlen(folder);
  int fd = REAL(open64)(path, O_RDWR | O_CLOEXEC);
  if (fd < 0) abort();
  void *map = REAL(mmap64)(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (map == MAP_FAILED) abort();
  REAL(close)(fd);
  control = map;
}

static int ends(const char *path, const char *end) {
  size_t length = strlen(path), of_end = strlen(end);
  return length >= of_end && strcmp(path + length - of_end, end) == 0;
}

static enum file kind_of(const char *path) {
  if (control == NULL || path == NULL) return NONE;
  if (strcmp(path, folder) == 0) return FOLDER;
  if (strncmp(path, folder, folder_length) != 0 || path[folder_length] != '/') return NONE;
  if (ends(path, "-wal")) return LOG;
  if (ends(path, "-shm")) return INDEX;
  if (ends(path, "-journal")) return JOURNAL;
  return ends(path, ".db") ? DATABASE : NONE;
}

static enum file kind_at(int fd) {
  return fd >= 0 && fd < DESCRIPTORS ? (enum file)atomic_load(&kinds[fd]) : NONE;
}

static int fails(enum call call, enum file file) {
  if (file == NONE || !atomic_load(&control->armed)) return 0;
  if (control->call != (int32_t)call || control->file != (int32_t)file) return 0;
  if (atomic_load(&control->passing) > 0 && atomic_fetch_sub(&control->passing, 1) > 0) return 0;
  if (atomic_load(&control->failing) == 0) return 0;
  if (atomic_load(&control->failing) > 0 && atomic_fetch_sub(&control->failing, 1) <= 0) return 0;
  atomic_fetch_add(&control->injected, 1);
  errno = control->error;
  return 1;
}

ssize_t pread64(int fd, void *buffer, size_t count, off64_t offset) {
  return fails(READ, kind_at(fd)) ? -1 : REAL(pread64)(fd, buffer, count, offset);
}

ssize_t pwrite64(int fd, const void *buffer, size_t count, off64_t offset) {
  return fails(WRITE, kind_at(fd)) ? -1 : REAL(pwrite64)(fd, buffer, count, offset);
}

int fsync(int fd) { return fails(SYNC, kind_at(fd)) ? -1 : REAL(fsync)(fd); }

int fdatasync(int fd) { return fails(SYNC, kind_at(fd)) ? -1 : REAL(fdatasync)(fd); }

int ftruncate64(int fd, off64_t length) {
  return fails(TRUNCATE, kind_at(fd)) ? -1 : REAL(ftruncate64)(fd, length);
}

int open64(const char *path, int flags, ...) {
  va_list list;
  va_start(list, flags);
  mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(list, mode_t) : 0;
  va_end(list);
  enum file file = kind_of(path);
  if (fails(OPEN, file)) return -1;
  int fd = REAL(open64)(path, flags, mode);
  if (fd >= 0 && fd < DESCRIPTORS) atomic_store(&kinds[fd], file);
  return fd;
}

int fcntl64(int fd, int command, ...) {
  va_list list;
  va_start(list, command);
  void *argument = va_arg(list, void *);
  va_end(list);
  int locks = command == F_SETLK || command == F_SETLKW || command == F_GETLK;
  return locks && fails(LOCK, kind_at(fd)) ? -1 : REAL(fcntl64)(fd, command, argument);
}

void *mmap64(void *address, size_t length, int protection, int flags, int fd, off64_t offset) {
  if (fd >= 0 && fails(MAP, kind_at(fd))) return MAP_FAILED;
  return REAL(mmap64)(address, length, protection, flags, fd, offset);
}

int unlink(const char *path) { return fails(UNLINK, kind_of(path)) ? -1 : REAL(unlink)(path); }

/* The descriptor is closed all the same, as Linux does it. */
int close(int fd) {
  enum file file = kind_at(fd);
  if (file != NONE) atomic_store(&kinds[fd], NONE);
  int result = REAL(close)(fd);
  return fails(CLOSE, file) ? -1 : result;
}

int stat64(const char *path, struct stat64 *into) {
  return fails(STAT, kind_of(path)) ? -1 : REAL(stat64)(path, into);
}

int fstat64(int fd, struct stat64 *into) {
  return fails(STAT, kind_at(fd)) ? -1 : REAL(fstat64)(fd, into);
}
