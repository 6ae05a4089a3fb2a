import { bytesOf, type FileInspection } from '@lockkeeper/core/doctor'
import { logHugeBytes, logLongBytes } from '../limits.ts'
import type { FileFinding } from './finding.ts'
import type { Surroundings } from './surroundings.ts'

/** A log that nobody empties, and one that nobody has. */
export function judgeLog({ files, settings }: FileInspection, { open }: Surroundings): FileFinding[] {
  const bytes = files.wal ?? 0
  if (bytes === 0 || settings.journalMode !== 'wal') return []
  return [...(bytes >= logLongBytes ? [long(bytes, settings)] : []), ...leftBehind(bytes, open)]
}

function long(bytes: number, { pages, pageBytes }: FileInspection['settings']): FileFinding {
  return {
    kind: 'long-log',
    subject: '-wal',
    headline: `The log is ${bytesOf(bytes)} long`,
    evidence: [
      `the database has ${bytesOf(pages * pageBytes)}`,
      'its length is what it has been at most since it was last emptied; how much of it is still to be copied can’t be seen from outside',
    ],
    remedy:
      'A reader that never ends, or checkpoints that never come. In an app with Lockkeeper `doctor --url` or `--report` names the reader; else look for a transaction that somebody leaves open. When all is closed, it goes.',
    severity: bytes >= logHugeBytes ? 'high' : 'medium',
  }
}

function leftBehind(bytes: number, open: Surroundings['open']): FileFinding[] {
  if (open.known && open.processes.some(({ files }) => files.length > 0)) return []
  const isSure = open.known && open.hidden === 0
  return [
    {
      kind: 'log-left-behind',
      subject: '-wal',
      headline: isSure
        ? `Nobody has the file open, and a log of ${bytesOf(bytes)} lies beside it`
        : `A log of ${bytesOf(bytes)} lies beside the file, and nobody is seen to have it open`,
      evidence: [
        'whoever closes last copies the log into the file and takes it away: this one ended in the middle, or could not',
        ...(isSure ? [] : ['somebody may have it open whom this user can’t see']),
      ],
      remedy:
        'Commits are in it: copy and back up the file together with its -wal, and delete neither. The next program that opens it for writing puts it in order.',
      severity: isSure ? 'medium' : 'low',
    },
  ]
}
