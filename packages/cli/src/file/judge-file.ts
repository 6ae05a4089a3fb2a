import { bytesOf, type FileInspection, many, percentOf } from '@lockkeeper/core/doctor'
import { freeBytesMin, freeShareMin, pageBytesMin } from '../limits.ts'
import type { FileFinding } from './finding.ts'
import { judgeLog } from './judge-log.ts'
import { judgeScans } from './judge-scans.ts'
import type { Surroundings } from './surroundings.ts'

const severities = ['high', 'medium', 'low'] as const

/** What is wrong with a file and what is around it, most serious first. */
export function judgeFile(inspection: FileInspection, surroundings: Surroundings): FileFinding[] {
  const found = [
    ...damage(inspection),
    ...olderFile(inspection, surroundings),
    ...remoteFileSystem(inspection, surroundings),
    ...rollbackJournal(inspection),
    ...rights(inspection, surroundings),
    ...judgeLog(inspection, surroundings),
    ...judgeScans(inspection),
    ...pages(inspection),
  ]
  return found.sort((one, other) => severities.indexOf(one.severity) - severities.indexOf(other.severity))
}

function damage({ file, check }: FileInspection): FileFinding[] {
  const found: FileFinding[] = []
  if (check !== undefined && check.problems.length > 0)
    found.push({
      kind: 'damage',
      subject: file,
      headline: 'The file is damaged',
      evidence: check.problems,
      remedy:
        'Stop writing to it, copy the file with its -wal, and restore the last good backup; `sqlite3 FILE .recover` gets out what can still be read. Then look for the cause: https://sqlite.org/howtocorrupt.html.',
      severity: 'high',
    })
  if (check !== undefined && check.orphans.length > 0)
    found.push({
      kind: 'orphans',
      subject: file,
      headline: 'Rows refer to rows that are not there',
      evidence: check.orphans.map(
        ({ table, parent, rows }) =>
          `${many(rows, 'row')} of \`${table}\` without their row of \`${parent}\``,
      ),
      remedy:
        'Somebody writes without enforcing foreign keys, as every connection does by itself: `pragma foreign_keys = on` in each (Lockkeeper’s writer does so). Delete the rows, or put back what they refer to.',
      severity: 'medium',
    })
  return found
}

function olderFile({ file }: FileInspection, { open }: Surroundings): FileFinding[] {
  if (!open.known) return []
  return open.processes
    .filter(({ hasOlder }) => hasOlder)
    .map(({ pid, command }) => ({
      kind: 'older-file',
      subject: String(pid),
      headline: `Process ${pid} goes on in a file of this name, or its log, that was removed or replaced`,
      evidence: [
        `it is ${command}`,
        `what it writes is in no file that has a name: it is gone when it closes`,
      ],
      remedy: `Restart it. Never remove or replace ${file} or its -wal and -shm while somebody has it open.`,
      severity: 'high',
    }))
}

function remoteFileSystem({ file }: FileInspection, { fileSystem }: Surroundings): FileFinding[] {
  if (fileSystem?.isRemote !== true) return []
  return [
    {
      kind: 'remote-file-system',
      subject: fileSystem.name,
      headline: `The file lies on another machine’s disk (${fileSystem.name})`,
      evidence: [
        'the -shm of WAL mode is shared memory, which two machines can’t share; and many such file systems keep locks badly',
      ],
      remedy: `Move ${file} to a local disk, and copy it from there: with db.backup(), or \`vacuum into\`. https://sqlite.org/useovernet.html.`,
      severity: 'high',
    },
  ]
}

function rollbackJournal({ settings }: FileInspection): FileFinding[] {
  // Nothing is in an empty file yet: whoever fills it will say.
  if (settings.journalMode === 'wal' || settings.pages === 0) return []
  return [
    {
      kind: 'rollback-journal',
      subject: settings.journalMode,
      headline:
        'The file is not in WAL mode: whoever writes keeps everybody from reading, and the other way round',
      evidence: ['its journal is a rollback journal'],
      remedy: 'Open it with Lockkeeper, or run `pragma journal_mode = wal` once: the file keeps it.',
      severity: 'medium',
    },
  ]
}

function rights({ file, settings }: FileInspection, { mayWrite }: Surroundings): FileFinding[] {
  const lacking = (['folder', 'file', 'wal', 'shm'] as const).filter((what) => !mayWrite[what])
  if (lacking.length === 0) return []
  const names = { folder: 'its folder', file: 'the file', wal: 'its -wal', shm: 'its -shm' }
  const needsShm = settings.journalMode === 'wal' && !(mayWrite.shm && mayWrite.folder)
  return [
    {
      kind: 'rights',
      subject: file,
      headline: `This user can’t write ${lacking.map((what) => names[what]).join(', ')}`,
      evidence: [
        needsShm
          ? 'in WAL mode readers too write to the -shm, and make it if it is not there'
          : 'nothing that this user starts can write to the database',
      ],
      remedy:
        'If an app is to use it as this user: give it the rights to the file, to its -wal and -shm, and to the folder. All processes that share a database should run as one user or group.',
      severity: needsShm ? 'medium' : 'low',
    },
  ]
}

function pages({ settings }: FileInspection): FileFinding[] {
  const { freePages, pages: all, pageBytes, autoVacuum } = settings
  const found: FileFinding[] = []
  if (autoVacuum === 'full')
    found.push({
      kind: 'auto-vacuum',
      subject: autoVacuum,
      headline: 'Every commit that frees pages moves others into their place',
      evidence: [
        'auto_vacuum is full: this is done in the write transaction, and spreads what belonged together',
      ],
      remedy:
        'Let freed pages be used again, and vacuum now and then: `pragma auto_vacuum = none` (or `incremental`), then vacuum once.',
      severity: 'low',
    })
  if (freePages >= freeShareMin * all && freePages * pageBytes >= freeBytesMin)
    found.push({
      kind: 'free-pages',
      subject: 'freelist',
      headline: `${bytesOf(freePages * pageBytes)} of the file hold nothing`,
      evidence: [`${percentOf(freePages, all)} of its pages are free; auto_vacuum is ${autoVacuum}`],
      remedy:
        'They are used again before the file grows. To give them back to the disk, vacuum when it is calm: it copies the whole database, and writes wait (db.vacuum()).',
      severity: 'low',
    })
  if (pageBytes < pageBytesMin && all > 0)
    found.push({
      kind: 'small-pages',
      subject: String(pageBytes),
      headline: `Its pages have ${bytesOf(pageBytes)}, less than a disk’s block`,
      evidence: [`SQLite’s default is ${bytesOf(pageBytesMin)}`],
      remedy:
        'In rollback mode set `pragma page_size = 4096` and vacuum; in WAL mode go to `journal_mode = delete` first.',
      severity: 'low',
    })
  return found
}
