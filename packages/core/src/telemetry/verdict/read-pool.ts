import { type ReadClass, readClasses } from '../../readers/read-class.ts'
import type { ReadLabelReport } from '../ledger-report.ts'
import type { Report } from '../report.ts'
import { quantilesInWords } from './blame.ts'
import { isLate } from './event-loop.ts'
import type { Severity, WeighedFinding } from './finding.ts'
import * as limits from './thresholds.ts'
import { durationOf, listOf, many, named, percentOf, ratioOf } from './words.ts'

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
    const hogs = hogsOf(rows, runMs)
    // Long reads run as long as a few short ones wait for them. Then these tell: they wait far longer than they run.
    const isStarved = hogs.length > 0 && worst.wait.totalMs >= limits.victimRatio * worst.run.totalMs
    if (!isStarved && waitMs < limits.readWaitRatio * runMs) return []
    return [finding(report, name, { hogs, rows, reads, waitMs, runMs, worst })]
  })
}

/** Those whose runs are long and most of the class's, longest in all first. Each may have less than half: they take turns. */
function hogsOf(rows: readonly ReadLabelReport[], runMs: number): readonly ReadLabelReport[] {
  const long = rows
    .filter(({ run }) => run.p90Ms >= limits.readWaitMs)
    .sort((one, other) => other.run.totalMs - one.run.totalMs)
  const longMs = long.reduce((all, { run }) => all + run.totalMs, 0)
  if (ratioOf(longMs, runMs) < limits.readHogShare) return []
  return long.filter(({ run }) => run.totalMs >= limits.blameShare * runMs).slice(0, limits.readHogsMax)
}

interface ClassReads {
  readonly hogs: readonly ReadLabelReport[]
  readonly rows: readonly ReadLabelReport[]
  readonly reads: number
  readonly waitMs: number
  readonly runMs: number
  readonly worst: ReadLabelReport
}

function finding(report: Report, name: ReadClass, found: ClassReads): WeighedFinding {
  const { hogs, rows, reads, waitMs, runMs, worst } = found
  const { readers, busy, lent, waiting } = report.readers[name]
  const isHogged = hogs.length > 0
  const [longest] = rows.toSorted((one, other) => other.run.totalMs - one.run.totalMs)
  const shown = isHogged || longest === undefined ? hogs : [longest]
  const evidence = [
    `${many(reads, 'read')} waited ${durationOf(waitMs)} for a reader and ran for ${durationOf(runMs)}`,
    `${named(worst.label)} waited ${quantilesInWords(worst.wait)}, and ran ${quantilesInWords(worst.run)}`,
    `of ${many(readers, 'reader')} ${busy} are busy now, ${lent} of them lent; ${many(waiting, 'read')} waiting`,
    ...shown.map(
      ({ label, run }) =>
        `${named(label)} has them for ${percentOf(run.totalMs, runMs)} of the time that reads run: ${quantilesInWords(run)}`,
    ),
  ]
  const names = listOf(hogs.map(({ label }) => named(label)))
  return {
    kind: 'read-pool',
    subject: name,
    headline: isHogged
      ? `\`${name}\` reads wait for a reader, and ${names} ${hogs.length > 1 ? 'have' : 'has'} them`
      : `The ${many(readers, 'reader')} of the class \`${name}\` are too few: reads wait longer than they run`,
    evidence,
    remedy: isHogged ? hogRemedy(name, names, hogs.length > 1) : poolRemedy(name, readers),
    severity: severityOf(name, worst.wait.p90Ms),
    weight: waitMs,
  }
}

const afterNote = ' A read with `after` waits for its write too: if these do, look at the writes first.'

function hogRemedy(name: ReadClass, names: string, areSeveral: boolean): string {
  const apart =
    name === 'interactive'
      ? ` or give ${areSeveral ? 'what nobody waits for' : 'it'} \`class: 'background'\`${areSeveral ? '' : ' if nobody waits for it'};`
      : ` or run ${areSeveral ? 'them' : 'it'} more seldom;`
  return `Make ${names} shorter (an index, a limit, pages by key)${apart} more readers only help while there are idle cores.${afterNote}`
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
