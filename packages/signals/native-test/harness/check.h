/*
** Tests of the signals extension. A test is a sentence about behaviour with a body; each runs in a process of its own and
** in an empty folder of its own, where a relative path leads. The first check that fails ends it.
*/
#ifndef LOCKKEEPER_CHECK_H
#define LOCKKEEPER_CHECK_H

#include <stddef.h>
#include <stdint.h>

typedef struct Test {
  const char *sentence;
  const char *file;
  int line;
  void (*body)(void);
  struct Test *next;
} Test;

void tests_add(Test *test);

#define TEST(sentence) TEST_AT(sentence, __LINE__)
#define TEST_AT(sentence, line) TEST_ON(sentence, line)
#define TEST_ON(sentence, line)                                          \
  static void body_##line(void);                                         \
  __attribute__((constructor)) static void add_##line(void) {            \
    static Test test = {sentence, __FILE__, line, body_##line, NULL};    \
    tests_add(&test);                                                    \
  }                                                                      \
  static void body_##line(void)

#define CHECK(condition)                                                               \
  do {                                                                                 \
    if (!(condition)) check_failed(__FILE__, __LINE__, "%s does not hold", #condition); \
  } while (0)
#define CHECK_INT(actual, expected) check_int(__FILE__, __LINE__, #actual, (int64_t)(actual), (int64_t)(expected))
/* Either may be NULL. */
#define CHECK_TEXT(actual, expected) check_text(__FILE__, __LINE__, #actual, actual, expected)
/* The text has the part in it. */
#define CHECK_SAYS(actual, part) check_says(__FILE__, __LINE__, #actual, actual, part)

_Noreturn __attribute__((format(printf, 3, 4))) void check_failed(const char *file, int line, const char *format, ...);
void check_int(const char *file, int line, const char *what, int64_t actual, int64_t expected);
void check_text(const char *file, int line, const char *what, const char *actual, const char *expected);
void check_says(const char *file, int line, const char *what, const char *actual, const char *part);

/* What the suite was started with. */
typedef struct Settings {
  const char *extension; /* absolute path */
  int load;              /* per cent of the usual load */
  uint64_t seed;
} Settings;

extern Settings settings;

/* So many of something, under this load: at least one. */
int scaled(int count);

#endif
