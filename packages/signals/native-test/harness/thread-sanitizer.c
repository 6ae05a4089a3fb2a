/* What the thread sanitizer is told about SQLite; nothing of the extension may be named here. */
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define WATCHES_THREADS
#endif
#elif defined(__SANITIZE_THREAD__)
#define WATCHES_THREADS
#endif

#ifdef WATCHES_THREADS

const char *__tsan_default_suppressions(void);

const char *__tsan_default_suppressions(void) {
  return
      /* Written under a mutex by all threads alike, read without: it notices a fork, and there is none later. */
      "race:^randomnessPid$\n"
      /*
      ** The log's index, in memory that processes share: recovery writes it under its lock, others read it without and
      ** look again afterwards, https://sqlite.org/walformat.html#recovery.
      */
      "race:^walIndexReadHdr$\n"
      /*
      ** The same with the read marks: recovery resets them under its lock, and who begins to read looks at them without, locks
      ** one, and looks again before it relies on it (walTryBeginRead in wal.c; seen once in some hundred runs).
      */
      "race:^walTryBeginRead$\n";
}

#endif
