/* What lies where the room's file should be: what is no room is left alone, and the lock is shared all the same. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include "../harness/client.h"
#include "../harness/load.h"
#include "../harness/room-file.h"
#include "../harness/system-calls.h"

#define ROOM "a.db-lockkeeper"

static void write_file(const char *path, const void *bytes, size_t count) {
  const int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  CHECK(file >= 0);
  CHECK_INT(write(file, bytes, count), count);
  close(file);
}

/* A room of so many bytes, sound but for its version and its number of slots. */
static void write_room(size_t bytes, uint32_t version, uint32_t slots) {
  char page[3 * ROOM_BYTES] = "lockkeeper room";
  memcpy(page + offsetof(RoomPage, version), &version, sizeof version);
  memcpy(page + offsetof(RoomPage, slot_count), &slots, sizeof slots);
  write_file(ROOM, page, bytes);
}

static void make_foreign(void) {
  char bytes[ROOM_BYTES];
  memset(bytes, 'x', sizeof bytes);
  write_file(ROOM, bytes, sizeof bytes);
}

static void make_zeros(void) {
  const char bytes[ROOM_BYTES] = "";
  write_file(ROOM, bytes, sizeof bytes);
}

static void make_one_byte(void) { write_room(1, ROOM_VERSION, ROOM_SLOTS); }
static void make_header_only(void) { write_room(64, ROOM_VERSION, ROOM_SLOTS); }
static void make_short(void) { write_room(ROOM_BYTES - 1, ROOM_VERSION, ROOM_SLOTS); }
static void make_long(void) { write_room(3 * ROOM_BYTES, ROOM_VERSION, ROOM_SLOTS); }
static void make_next_version(void) { write_room(ROOM_BYTES, ROOM_VERSION + 1, ROOM_SLOTS); }
static void make_no_version(void) { write_room(ROOM_BYTES, 0, ROOM_SLOTS); }
static void make_many_slots(void) { write_room(ROOM_BYTES, ROOM_VERSION, 1u << 31); }
static void make_folder(void) { CHECK_INT(mkdir(ROOM, 0755), 0); }
static void make_pipe(void) { CHECK_INT(mkfifo(ROOM, 0644), 0); }

static void make_link(void) {
  write_room(ROOM_BYTES, ROOM_VERSION, ROOM_SLOTS);
  CHECK_INT(rename(ROOM, "elsewhere"), 0);
  CHECK_INT(symlink("elsewhere", ROOM), 0);
}

static void make_dangling_link(void) { CHECK_INT(symlink("nowhere", ROOM), 0); }
static void make_loop(void) { CHECK_INT(symlink(ROOM, ROOM), 0); }

static const struct {
  const char *name;
  void (*make)(void);
  const char *says;
} odd_rooms[] = {
    {"a foreign file", make_foreign, "is not a file of this extension"},
    {"zeros", make_zeros, "is not a file of this extension"},
    {"one byte", make_one_byte, "has 1 bytes instead of 4096"},
    {"a header without slots", make_header_only, "has 64 bytes instead of 4096"},
    {"a byte too few", make_short, "has 4095 bytes instead of 4096"},
    {"a long file", make_long, "has 12288 bytes instead of 4096"},
    {"a later version", make_next_version, "belongs to version 2 of this extension, and this is version 1"},
    {"no version", make_no_version, "belongs to version 0"},
    {"too many slots", make_many_slots, "is damaged"},
    {"a folder", make_folder, "opening"},
    {"a pipe", make_pipe, "is not a plain file"},
    {"a link to a room", make_link, "opening"},
    {"a link to nothing", make_dangling_link, "opening"},
    {"a link to itself", make_loop, "opening"},
};

/* Watching says it, and leaves what is there as it was. */
static void check_odd(const char *name, const char *says) {
  struct stat before, after;
  CHECK_INT(lstat(ROOM, &before), 0);
  Client *client = open_client("a.db");
  must(client->db, "pragma journal_mode = wal");
  const char *watch = tell(client, "watch", "writer");
  CHECK_TEXT(in_json(watch, "$.waits"), "sleeping");
  const char *notice = in_json(watch, "$.notice");
  if (notice == NULL || strstr(notice, says) == NULL || strstr(notice, ROOM) == NULL)
    check_failed(__FILE__, __LINE__, "of %s it says: %s", name, notice);
  must(client->db, "begin immediate; create table if not exists t (x); insert into t values (1); commit");
  close_client(client);
  CHECK_INT(lstat(ROOM, &after), 0);
  CHECK(before.st_ino == after.st_ino && before.st_size == after.st_size && before.st_mode == after.st_mode);
}

TEST("what is no room is told in one sentence, not touched, and done without") {
  for (size_t at = 0; at < sizeof odd_rooms / sizeof odd_rooms[0]; at++) {
    odd_rooms[at].make();
    check_odd(odd_rooms[at].name, odd_rooms[at].says);
    CHECK(rmdir(ROOM) == 0 || unlink(ROOM) == 0);
    unlink("elsewhere");
    CHECK(!is_there("nowhere"));
  }
}

TEST("an empty file becomes the room") {
  write_file(ROOM, "", 0);
  Client *client = open_client("a.db");
  CHECK_TEXT(in_json(tell(client, "watch", "writer"), "$.notice"), NULL);
  CHECK_INT(map_room(ROOM)->slot_count, ROOM_SLOTS);
  close_client(client);
  CHECK(!is_there(ROOM));
}

#ifdef __linux__
/* As somebody makes it who is killed before he could leave. */
static void make_whole(void) { write_room(ROOM_BYTES, ROOM_VERSION, ROOM_SLOTS); }

TEST("a room that is made by another just before this one would have made it is shared, not kept locked") {
  Client *first = open_client("a.db");
  Client *second = open_client("a.db");
  before_flock(make_whole);
  CHECK_TEXT(in_json(tell(first, "watch", "writer"), "$.notice"), NULL);
  CHECK(has_happened());
  CHECK_TEXT(in_json(tell(second, "watch", "writer"), "$.notice"), NULL);
  close_client(first);
  close_client(second);
  CHECK(!is_there(ROOM));
}

static void remove_room(void) { CHECK_INT(unlink(ROOM), 0); }

TEST("a room whose last user removes it just before it is locked is made anew") {
  Client *client = open_client("a.db");
  before_flock(remove_room);
  CHECK_TEXT(in_json(tell(client, "watch", "writer"), "$.notice"), NULL);
  CHECK(has_happened());
  CHECK(is_there(ROOM));
  close_client(client);
  CHECK(!is_there(ROOM));
}

#endif

TEST("a file that may not be opened is done without") {
  sqlite3 *db = open_plain("a.db");
  Client *client = client_on(db);
  must(db, "pragma journal_mode = wal; create table t (x)");
  write_room(ROOM_BYTES, ROOM_VERSION, ROOM_SLOTS);
  CHECK_INT(chmod(ROOM, 0), 0);
  /* Root may open anything. */
  if (getuid() == 0) CHECK_INT(setuid(65534), 0);
  const char *watch = tell(client, "watch", "writer");
  CHECK_TEXT(in_json(watch, "$.waits"), "sleeping");
  CHECK_SAYS(in_json(watch, "$.notice"), "Permission denied");
  must(db, "insert into t values (1)");
  close_client(client);
}

TEST("a file that another program keeps locked is done without") {
  write_room(ROOM_BYTES, ROOM_VERSION, ROOM_SLOTS);
  const int file = open(ROOM, O_RDWR);
  CHECK_INT(flock(file, LOCK_EX), 0);
  check_odd("a locked file", "is kept locked by another program");
  close(file);
}

TEST("where no more files can be opened, the room is done without") {
  Client *client = open_client("a.db");
  must(client->db, "pragma journal_mode = wal; create table t (x)");
  struct rlimit limit;
  CHECK_INT(getrlimit(RLIMIT_NOFILE, &limit), 0);
  limit.rlim_cur = 40;
  CHECK_INT(setrlimit(RLIMIT_NOFILE, &limit), 0);
  while (open("/dev/null", O_RDONLY) >= 0) {
  }
  const char *watch = tell(client, "watch", "writer");
  CHECK_SAYS(in_json(watch, "$.notice"), "Too many open files");
  must(client->db, "insert into t values (1)");
  close_client(client);
}

TEST("a database whose name leaves no space for the room's is done without one") {
  /* SQLite's own files beside it end in -journal, -wal and -shm, of which there is space for just these. */
  char name[247];
  memset(name, 'n', sizeof name - 1);
  strcpy(name + sizeof name - 4, ".db");
  Client *client = open_client(name);
  CHECK_SAYS(in_json(tell(client, "watch", "writer"), "$.notice"), "File name too long");
  must(client->db, "pragma journal_mode = wal; create table t (x)");
  close_client(client);
}

TEST("whoever may write the database may use its room, whatever the umask") {
  umask(077);
  close_plain(open_plain("a.db"));
  sqlite3 *db = open_plain("a.db");
  must(db, "create table t (x)");
  close_plain(db);
  const mode_t modes[] = {0600, 0660, 0664, 0666};
  for (int at = 0; at < 4; at++) {
    CHECK_INT(chmod("a.db", modes[at]), 0);
    Client *client = open_client("a.db");
    tell(client, "watch", "writer");
    struct stat info;
    CHECK_INT(stat(ROOM, &info), 0);
    CHECK_INT(info.st_mode & 0777, modes[at]);
    close_client(client);
  }
}

TEST("processes without a room share the lock") {
  Board *board = shared_memory(sizeof *board);
  prepare_load();
  make_folder();
  Workers workers[2];
  pid_t running[2];
  for (int at = 0; at < 2; at++) {
    workers[at] = (Workers){board, 2 * at, 2, scaled(40), 20000};
    running[at] = start_process(run_workers, &workers[at]);
  }
  for (int at = 0; at < 2; at++) expect_good_end(running[at]);
  CHECK_INT(rmdir(ROOM), 0);
  CHECK_INT(atomic_load(&board->timeouts), 0);
  check_load(4, scaled(40));
}

static void come_and_go(void *argument) {
  for (int at = *(int *)argument; at > 0; at--) {
    Client *client = open_client("a.db");
    const char *watch = tell(client, "watch", "writer");
    if (in_json(watch, "$.notice") != NULL) check_failed(__FILE__, __LINE__, "%s", watch);
    close_client(client);
  }
}

TEST("processes that come and go at once all find the room, and the last one takes it with him") {
  int times = scaled(60);
  pid_t running[4];
  for (int at = 0; at < 4; at++) running[at] = start_process(come_and_go, &times);
  for (int at = 0; at < 4; at++) expect_good_end(running[at]);
  CHECK(!is_there(ROOM));
}
