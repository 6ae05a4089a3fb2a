#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "sleep.h"
#include <time.h>
#if defined(__linux__) && !defined(LOCKKEEPER_NO_FUTEX)
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>
#define HAS_FUTEX 1
#else
#define HAS_FUTEX 0
#endif

int64_t now_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t now_ms(void) {
  return now_us() / 1000;
}

const int sleep_is_evented = HAS_FUTEX;

void sleep_on(_Atomic uint32_t *word, uint32_t value, int64_t ms) {
  if (ms <= 0) return;
#if HAS_FUTEX
  /* Not FUTEX_PRIVATE: the word may lie in a file that several processes map. */
  struct timespec timeout = {.tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000};
  syscall(SYS_futex, (uint32_t *)word, FUTEX_WAIT, value, &timeout, NULL, 0);
#else
  const struct timespec step = {.tv_sec = 0, .tv_nsec = 1000000};
  const int64_t end = now_ms() + ms;
  while (atomic_load(word) == value && now_ms() < end) nanosleep(&step, NULL);
#endif
}

void wake_sleeper(_Atomic uint32_t *word) {
  atomic_fetch_add(word, 1);
#if HAS_FUTEX
  syscall(SYS_futex, (uint32_t *)word, FUTEX_WAKE, 1, NULL, NULL, 0);
#endif
}
