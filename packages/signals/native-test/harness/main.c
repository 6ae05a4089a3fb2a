/*
** Runs the tests, two at a time, each in a process of its own, so that one that crashes or hangs is one test that failed.
** This process itself never opens SQLite and starts no threads: what it forks begins clean.
*/
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif
#include "check.h"
#include "processes.h"

#define AT_ONCE 2

typedef struct Run {
  const Test *test; /* NULL: this place is free */
  pid_t pid;
  int64_t began_ms;
  char log[64];
} Run;

static Test *first_test = NULL;
static int limit_s = 60;
static int failures = 0;
static int is_verbose = 0;

void tests_add(Test *test) {
  Test **at = &first_test;
  while (*at != NULL) {
    const int order = strcmp((*at)->file, test->file);
    if (order > 0 || (order == 0 && (*at)->line > test->line)) break;
    at = &(*at)->next;
  }
  test->next = *at;
  *at = test;
}

_Noreturn static void run_here(const Test *test, const char *folder, const char *log) {
  setpgid(0, 0);
#ifdef __linux__
  prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
  if (freopen(log, "w", stderr) == NULL || chdir(folder) != 0) _exit(2);
  setvbuf(stderr, NULL, _IOLBF, 0);
  test->body();
  /* Not _exit: leaks are looked for on the way out. */
  exit(0);
}

static void start(Run *run, const Test *test, int number) {
  char folder[64];
  snprintf(folder, sizeof folder, "%d", number);
  snprintf(run->log, sizeof run->log, "%d.log", number);
  CHECK(mkdir(folder, 0755) == 0);
  fflush(stdout);
  run->pid = fork();
  CHECK(run->pid >= 0);
  if (run->pid == 0) run_here(test, folder, run->log);
  setpgid(run->pid, run->pid);
  run->test = test;
  run->began_ms = now_ms();
}

static void print_log(const char *log) {
  FILE *file = fopen(log, "r");
  if (file == NULL) return;
  char line[4000];
  /* A sanitizer can say a great deal: the beginning tells. */
  for (int count = 0; count < 200 && fgets(line, sizeof line, file) != NULL; count++) printf("    %s", line);
  fclose(file);
}

static void tell(Run *run, int status, int is_late) {
  const int ok = !is_late && WIFEXITED(status) && WEXITSTATUS(status) == 0;
  if (!ok) {
    failures++;
    printf("not ok: %s (%s:%d)\n", run->test->sentence, run->test->file, run->test->line);
    if (is_late) printf("    did not end within %d s\n", limit_s);
    else if (WIFSIGNALED(status)) printf("    ended by signal %d\n", WTERMSIG(status));
    else printf("    ended with code %d\n", WEXITSTATUS(status));
    print_log(run->log);
  } else if (is_verbose) {
    printf("ok: %s (%lld ms)\n", run->test->sentence, (long long)(now_ms() - run->began_ms));
    print_log(run->log);
  }
  fflush(stdout);
  run->test = NULL;
}

/* Waits until a test has ended, and kills those whose time is over. */
static void reap(Run runs[AT_ONCE]) {
  for (;;) {
    int ended = 0;
    for (int at = 0; at < AT_ONCE; at++) {
      Run *run = &runs[at];
      if (run->test == NULL) continue;
      int status = 0;
      const int is_late = now_ms() > run->began_ms + limit_s * 1000;
      if (is_late) kill(-run->pid, SIGKILL);
      if (waitpid(run->pid, &status, is_late ? 0 : WNOHANG) != run->pid) continue;
      kill(-run->pid, SIGKILL); /* whatever it has left behind */
      tell(run, status, is_late);
      ended = 1;
    }
    if (ended) return;
    nap_us(2000);
  }
}

static Run *free_place(Run runs[AT_ONCE]) {
  for (int at = 0; at < AT_ONCE; at++) {
    if (runs[at].test == NULL) return &runs[at];
  }
  return NULL;
}

static int usage(void) {
  fprintf(stderr, "usage: suite --extension=PATH [--folder=PATH] [--load=PERCENT] [--limit=SECONDS] [--seed=N]\n"
                  "       [--only=WORDS] [--verbose=1]\n");
  return 2;
}

int main(int count, char **arguments) {
  const char *only = "";
  const char *folder = ".";
  for (int at = 1; at < count; at++) {
    const char *value = strchr(arguments[at], '=');
    if (value++ == NULL) return usage();
    if (strncmp(arguments[at], "--extension=", 12) == 0) settings.extension = value;
    else if (strncmp(arguments[at], "--folder=", 9) == 0) folder = value;
    else if (strncmp(arguments[at], "--load=", 7) == 0) settings.load = atoi(value);
    else if (strncmp(arguments[at], "--limit=", 8) == 0) limit_s = atoi(value);
    else if (strncmp(arguments[at], "--seed=", 7) == 0) settings.seed = strtoull(value, NULL, 10);
    else if (strncmp(arguments[at], "--only=", 7) == 0) only = value;
    else if (strncmp(arguments[at], "--verbose=", 10) == 0) is_verbose = atoi(value);
    else return usage();
  }
  if (settings.extension == NULL || settings.extension[0] != '/' || chdir(folder) != 0) return usage();
  Run runs[AT_ONCE] = {{NULL, 0, 0, ""}};
  int number = 0;
  for (const Test *test = first_test; test != NULL; test = test->next) {
    if (strstr(test->sentence, only) == NULL && strstr(test->file, only) == NULL) continue;
    if (free_place(runs) == NULL) reap(runs);
    start(free_place(runs), test, ++number);
  }
  while (runs[0].test != NULL || runs[1].test != NULL) reap(runs);
  printf("%d tests, %d failed\n", number, failures);
  return failures == 0 && number > 0 ? 0 : 1;
}
