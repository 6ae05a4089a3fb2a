import { type Stats, statSync } from 'node:fs'

/** Sizes in bytes; undefined where there is no such file. */
export interface FilesBeside {
  readonly file: number
  readonly wal: number | undefined
  readonly shm: number | undefined
  readonly journal: number | undefined
  /** The queue of those who wait for the lock, which the signals extension keeps. */
  readonly signals: number | undefined
}

export interface FileChange {
  readonly name: string
  readonly change: 'came' | 'went' | 'grew' | 'shrank'
  readonly bytes: number
}

const endings = { file: '', wal: '-wal', shm: '-shm', journal: '-journal', signals: '-lockkeeper' } as const

/** Only `stat`: opening and closing one of these would drop the locks that SQLite has on it in this process. */
export function filesBeside(file: string): FilesBeside {
  return {
    file: statOf(file)?.size ?? 0,
    wal: statOf(file + endings.wal)?.size,
    shm: statOf(file + endings.shm)?.size,
    journal: statOf(file + endings.journal)?.size,
    signals: statOf(file + endings.signals)?.size,
  }
}

/** What differs, the file itself included: another process may write meanwhile. */
export function changesBetween(file: string, before: FilesBeside, after: FilesBeside): FileChange[] {
  const changes: FileChange[] = []
  for (const key of Object.keys(endings) as (keyof FilesBeside)[]) {
    const [was, is] = [before[key], after[key]]
    const name = file + endings[key]
    if (was === is) continue
    if (was === undefined) changes.push({ name, change: 'came', bytes: is ?? 0 })
    else if (is === undefined) changes.push({ name, change: 'went', bytes: was })
    else changes.push({ name, change: is > was ? 'grew' : 'shrank', bytes: is })
  }
  return changes
}

export function statOf(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false })
}
