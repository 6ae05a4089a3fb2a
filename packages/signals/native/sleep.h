/* Sleeping until a word changes, across threads and processes, and the clock the waits go by. */
#ifndef LOCKKEEPER_SLEEP_H
#define LOCKKEEPER_SLEEP_H

#include <stdatomic.h>
#include <stdint.h>

/* CLOCK_MONOTONIC, which all processes of one boot share. */
int64_t now_ms(void);
int64_t now_us(void);

/* Whether sleepers are woken by the system, or look at their word every millisecond. */
extern const int sleep_is_evented;

/* Returns when the word is not `value` any more, when woken, or after `ms`; sometimes for no reason. */
void sleep_on(_Atomic uint32_t *word, uint32_t value, int64_t ms);

/* Changes the word and wakes one who sleeps on it. */
void wake_sleeper(_Atomic uint32_t *word);

#endif
