#include "check.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

Settings settings = {NULL, 100, 0};

int scaled(int count) {
  const int result = (int)((int64_t)count * settings.load / 100);
  return result < 1 ? 1 : result;
}

/* A failed test ends at once, its leaks unlooked for: they would only hide why. */
_Noreturn void check_failed(const char *file, int line, const char *format, ...) {
  char text[2000];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  fprintf(stderr, "%s:%d: %s\n", file, line, text);
  fflush(stderr);
  _exit(1);
}

void check_int(const char *file, int line, const char *what, int64_t actual, int64_t expected) {
  if (actual == expected) return;
  check_failed(file, line, "%s is %lld, not %lld", what, (long long)actual, (long long)expected);
}

static const char *shown(const char *text) {
  return text == NULL ? "NULL" : text;
}

void check_text(const char *file, int line, const char *what, const char *actual, const char *expected) {
  if (actual == NULL ? expected == NULL : expected != NULL && strcmp(actual, expected) == 0) return;
  check_failed(file, line, "%s is\n  %s, not\n  %s", what, shown(actual), shown(expected));
}

void check_says(const char *file, int line, const char *what, const char *actual, const char *part) {
  if (actual != NULL && strstr(actual, part) != NULL) return;
  check_failed(file, line, "%s is\n  %s, without\n  %s", what, shown(actual), part);
}
