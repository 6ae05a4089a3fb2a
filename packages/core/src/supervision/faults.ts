import { faultPause } from '../limits.ts'

/**
 * What is wrong with the file or the disk, as far as a code tells.
 *
 * `full` and `io` may pass, and so may `shut` (the file can't be opened or written now). `replaced` ends when the same file is
 * back at its path. `corrupt` stays: writing on would spoil more.
 */
export type FaultKind = 'full' | 'io' | 'shut' | 'replaced' | 'corrupt'

/** First match wins. An index of a virtual table (SQLITE_CORRUPT_VTAB) is mended by writing it anew: no fault of the file. */
const kinds: ReadonlyArray<readonly [RegExp, FaultKind | undefined]> = [
  [/^sqlite-full$/, 'full'],
  [/^sqlite-corrupt-vtab$/, undefined],
  [/^(sqlite-corrupt\b|sqlite-notadb$|not-a-database$)/, 'corrupt'],
  [/^(file-replaced|sqlite-readonly-dbmoved)$/, 'replaced'],
  [/^sqlite-ioerr\b/, 'io'],
  [/^(cannot-open$|sqlite-(cantopen|readonly|perm)\b)/, 'shut'],
]

/** The fault that an error's code speaks of; undefined if it is none of the file's or the disk's. */
export function faultOf(code: string | undefined): FaultKind | undefined {
  return code === undefined ? undefined : kinds.find(([pattern]) => pattern.test(code))?.[1]
}

/**
 * Whether no waiting will end it: the file needs to be mended by hand. A schema that SQLite calls malformed may merely not have
 * been read: it says so of I/O errors too (seen with injected ones). If it is, no thread can open the file, however often.
 */
export const isFinalFault = ({
  code,
  message,
}: {
  readonly code: string
  readonly message: string
}): boolean => faultOf(code) === 'corrupt' && !message.startsWith('malformed database schema')

/**
 * Whether it says that a sync failed. The system may forget what it could not write, and a later sync succeeds without it
 * (https://lwn.net/Articles/752063/), so what was in the log by then must not be built upon.
 */
export const isFailedSync = (code: string): boolean => /^sqlite-ioerr-(dir-)?fsync$/.test(code)

/** How long to wait before the next try to write, after so many in a row that met a fault. */
export const faultPauseMs = (times: number): number =>
  Math.min(faultPause.longestMs, faultPause.firstMs * 2 ** Math.max(0, times - 1))
