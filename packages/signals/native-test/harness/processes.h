/* Processes and threads of a test, and the memory they meet in. */
#ifndef LOCKKEEPER_PROCESSES_H
#define LOCKKEEPER_PROCESSES_H

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Zeroed memory that this process shares with all it starts from now on. */
void *shared_memory(size_t bytes);

/* A process that runs the body and ends. To be started before this one has threads or has opened SQLite. */
pid_t start_process(void (*body)(void *), void *argument);
/* Waits for its end, which must be a good one. */
void expect_good_end(pid_t process);
/* SIGKILL, and waits until it is gone. */
void kill_process(pid_t process);
/* Whether it has ended by itself, which must have been well. */
int has_ended(pid_t process);

pthread_t start_thread(void *(*body)(void *), void *argument);
void join_thread(pthread_t thread);

/* Gates are words in shared memory: closed while 0. Who waits too long at one fails. */
typedef _Atomic int Gate;
void gate_open(Gate *gate);
void gate_pass(Gate *gate);
/* Until the word has reached the number. */
void until_reached(_Atomic int *word, int number);

void nap_us(long us);
int64_t now_ms(void);

/* A generator per test, or per process and thread of it: SplitMix64, https://prng.di.unimi.it/splitmix64.c. */
typedef struct Random {
  uint64_t state;
} Random;

/* Repeatable from the suite's seed, which is printed; `stream` tells several generators of a test apart. */
Random random_stream(const char *test, uint64_t stream);
uint64_t random_number(Random *random);
/* From 0 up to what is below the bound. */
int random_below(Random *random, int bound);

#endif
