/** One way to build the extension, and with it the tests. */
export interface Flavour {
  readonly name: string
  /** For the extension and the tests. */
  readonly flags: readonly string[]
  /** Which SQLite it is linked with: one that is watched as well where races inside it would be missed otherwise. */
  readonly sqlite: 'plain' | 'thread'
  readonly environment: Readonly<Record<string, string>>
}

const debug = ['-O1', '-g', '-fno-omit-frame-pointer']

/** Told to `UBSAN_OPTIONS` and to the others alike: an address in a report is of no use without its line. */
const environment = { UBSAN_OPTIONS: 'print_stacktrace=1' }

/** What runs without arguments: the tests of `npm test`. */
export const usualFlavours: readonly Flavour[] = [
  {
    name: 'address,undefined',
    flags: [...debug, '-fsanitize=address,undefined', '-fno-sanitize-recover=all'],
    sqlite: 'plain',
    environment: { ...environment, ASAN_OPTIONS: 'detect_leaks=1:detect_stack_use_after_return=1' },
  },
  {
    name: 'thread',
    flags: [...debug, '-fsanitize=thread'],
    sqlite: 'thread',
    environment: { TSAN_OPTIONS: 'second_deadlock_stack=1' },
  },
  { name: 'no-futex', flags: [...debug, '-DLOCKKEEPER_NO_FUTEX'], sqlite: 'plain', environment: {} },
]

/** As it is used, with what tells a person more; Valgrind runs this one. */
export const plainFlavour: Flavour = { name: 'plain', flags: debug, sqlite: 'plain', environment: {} }

export const allFlavours: readonly Flavour[] = [...usualFlavours, plainFlavour]

/** SQLite's own flags. Its thread-safe shortcuts are marked for Clang only, and GCC knows the mark under the same name. */
export const sqliteFlags: Readonly<Record<Flavour['sqlite'], readonly string[]>> = {
  plain: ['-O1'],
  thread: ['-O1', '-fsanitize=thread', '-DSQLITE_NO_TSAN=__attribute__((no_sanitize_thread))'],
}
