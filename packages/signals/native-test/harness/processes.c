#include "processes.h"
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "check.h"
#include "sqlite3.h"

/* How long anything in a test may keep others waiting: it is over before the suite's own limit, and says where. */
#define PATIENCE_MS 45000

void *shared_memory(size_t bytes) {
  void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  CHECK(memory != MAP_FAILED);
  return memory;
}

pid_t start_process(void (*body)(void *), void *argument) {
  const pid_t process = fork();
  CHECK(process >= 0);
  if (process > 0) return process;
  body(argument);
  exit(0);
}

static void check_end(pid_t process, int status) {
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return;
  if (WIFSIGNALED(status)) check_failed(__FILE__, __LINE__, "process %d ended by signal %d", process, WTERMSIG(status));
  check_failed(__FILE__, __LINE__, "process %d ended with code %d", process, WEXITSTATUS(status));
}

void expect_good_end(pid_t process) {
  int status = 0;
  CHECK_INT(waitpid(process, &status, 0), process);
  check_end(process, status);
}

void kill_process(pid_t process) {
  CHECK_INT(kill(process, SIGKILL), 0);
  CHECK_INT(waitpid(process, NULL, 0), process);
}

int has_ended(pid_t process) {
  int status = 0;
  const pid_t ended = waitpid(process, &status, WNOHANG);
  CHECK(ended == 0 || ended == process);
  if (ended == process) check_end(process, status);
  return ended == process;
}

pthread_t start_thread(void *(*body)(void *), void *argument) {
  /* Else the first threads do it at once, which SQLite allows and a thread sanitizer does not understand. */
  CHECK_INT(sqlite3_initialize(), SQLITE_OK);
  pthread_t thread;
  CHECK_INT(pthread_create(&thread, NULL, body, argument), 0);
  return thread;
}

void join_thread(pthread_t thread) {
  CHECK_INT(pthread_join(thread, NULL), 0);
}

void gate_open(Gate *gate) {
  atomic_store(gate, 1);
}

void gate_pass(Gate *gate) {
  until_reached(gate, 1);
}

void until_reached(_Atomic int *word, int number) {
  const int64_t end = now_ms() + PATIENCE_MS;
  while (atomic_load(word) < number) {
    if (now_ms() > end) check_failed(__FILE__, __LINE__, "%d was waited for in vain: it is %d", number, atomic_load(word));
    nap_us(200);
  }
}

void nap_us(long us) {
  const struct timespec pause = {.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000};
  nanosleep(&pause, NULL);
}

int64_t now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

Random random_stream(const char *test, uint64_t stream) {
  Random random = {settings.seed + stream * 1000003};
  for (const char *at = test; *at != 0; at++) random.state = (random.state ^ (unsigned char)*at) * 1099511628211u;
  return random;
}

uint64_t random_number(Random *random) {
  uint64_t mixed = random->state += 0x9e3779b97f4a7c15u;
  mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9u;
  mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111ebu;
  return mixed ^ mixed >> 31;
}

int random_below(Random *random, int bound) {
  return (int)(random_number(random) % (uint64_t)bound);
}
