import { type ReadClass, readClasses } from '../../readers/read-class.ts'
import type { ReadLabelReport } from '../ledger-report.ts'
import type { Report } from '../report.ts'
import { quantilesInWords } from './blame.ts'
import { isLate } from './event-loop.ts'
import type { Severity, WeighedFinding } from './finding.ts'
import * as limits from './thresholds.ts'
import { durationOf, many, named, percentOf, ratioOf } from './words.ts'

/** Reads that wait longer for a reader than they run on one. */
export function readPools(report: Report): WeighedFinding[] {
  const { ledger } = report
  // A late event loop makes all reads wait, and more readers would not help.
  if (ledger === undefined || isLate(ledger)) return []
  return readClasses.flatMap((name) => {
    const rows = ledger.reads.filter((row) => row.class === name)
    const reads = rows.reduce((all, { wait }) => all + wait.count, 0)
    const waitMs = rows.reduce((all, { wait }) => all + wait.totalMs, 0)
    const runMs = rows.reduce((all, { run }) => all + run.totalMs, 0)
    const worst = rows
      .filter(({ wait }) => wait.count >= limits.samplesMin && wait.p90Ms >= limits.readWaitMs)
      .sort((one, other) => other.wait.totalMs - one.wait.totalMs)[0]
    if (worst === undefined || reads < limits.readsMin || waitMs < limits.waitedMsMin) return []
    if (waitMs < limits.readWaitRatio * runMs) return []
    return [finding(report, name, { rows, reads, waitMs, runMs, worst })]
  })
}

interface ClassReads {
  readonly rows: readonly ReadLabelReport[]
  readonly reads: number
  readonly waitMs: number
  readonly runMs: number
  readonly worst: ReadLabelReport
}

function finding(report: Report, name: ReadClass, found: ClassReads): WeighedFinding {
  const { rows, reads, waitMs, runMs, worst } = found
  const { readers, busy, lent, waiting } = report.readers[name]
  const [hog] = [...rows].sort((one, other) => other.run.totalMs - one.run.totalMs)
  const isHog =
    hog !== undefined &&
    ratioOf(hog.run.totalMs, runMs) >= limits.readHogShare &&
    hog.run.p90Ms >= limits.readWaitMs
  const evidence = [
    `${many(reads, 'read')} waited ${durationOf(waitMs)} for a reader and ran for ${durationOf(runMs)}`,
    `${named(worst.label)} waited ${quantilesInWords(worst.wait)}, and ran ${quantilesInWords(worst.run)}`,
    `of ${many(readers, 'reader')} ${busy} are busy now, ${lent} of them lent; ${many(waiting, 'read')} waiting`,
  ]
  if (hog !== undefined)
    evidence.push(
      `${named(hog.label)} has them for ${percentOf(hog.run.totalMs, runMs)} of the time that reads run: ${quantilesInWords(hog.run)}`,
    )
  return {
    kind: 'read-pool',
    subject: name,
    headline: isHog
      ? `\`${name}\` reads wait for a reader, and ${named(hog.label)} has them`
      : `The ${many(readers, 'reader')} of the class \`${name}\` are too few: reads wait longer than they run`,
    evidence,
    remedy: isHog ? hogRemedy(name, hog.label) : poolRemedy(name, readers),
    severity: severityOf(name, worst.wait.p90Ms),
    weight: waitMs,
  }
}

const afterNote = ' A read with `after` waits for its write too: if these do, look at the writes first.'

function hogRemedy(name: ReadClass, label: string): string {
  const apart =
    name === 'interactive'
      ? ` or give it \`class: 'background'\` if nobody waits for it;`
      : ' or run it more seldom;'
  return `Make ${named(label)} shorter (an index, a limit, pages by key)${apart} more readers only help while there are idle cores.${afterNote}`
}

function poolRemedy(name: ReadClass, readers: number): string {
  return `Set \`readers.${name}\` to ${Math.floor(readers) + 1} or more, as long as there are idle cores; end snapshots and streams sooner.${afterNote}`
}

function severityOf(name: ReadClass, waitMs: number): Severity {
  if (name === 'background') return waitMs >= limits.waitedMsMin ? 'medium' : 'low'
  return waitMs >= limits.waitedMsMin
    ? 'high'
    : waitMs >= limits.mediumFrom * limits.sufferingMs.user
      ? 'medium'
      : 'low'
}
