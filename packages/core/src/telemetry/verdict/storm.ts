import { type LaneName, laneNames } from '../../mailbox/lane-name.ts'
import type { Report } from '../report.ts'
import { arrivalsOf } from './blame.ts'
import type { WeighedFinding } from './finding.ts'
import * as limits from './thresholds.ts'
import { countOf, durationOf, many, named, percentOf, rateOf, ratioOf } from './words.ts'

/** In which lane more arrives than is served: it is full, or filling up. */
export function storms(report: Report): WeighedFinding[] {
  return laneNames.flatMap((lane) => {
    const { depth, waiting, capacity, admitted, rejected, dropped } = report.lanes[lane]
    const arrivals = admitted + rejected + dropped
    const turnedAway = rejected + dropped
    const overflowed =
      turnedAway >= limits.turnedAwayMin && ratioOf(turnedAway, arrivals) >= limits.turnedAwayShare
    const backlog = depth + waiting
    const filling = capacity >= limits.samplesMin && backlog >= limits.backlogShare[lane] * capacity
    return overflowed || filling ? [finding(report, lane, overflowed)] : []
  })
}

function finding({ lanes, ledger, live }: Report, lane: LaneName, overflowed: boolean): WeighedFinding {
  const { depth, waiting, capacity, admitted, rejected, dropped, committed, failed } = lanes[lane]
  const arrivals = admitted + rejected + dropped
  const turnedAway = rejected + dropped
  const evidence = [
    `${many(arrivals, 'write')} came, ${countOf(committed + failed)} were done; ${countOf(rejected)} were refused and ${countOf(dropped)} dropped, ${percentOf(turnedAway, arrivals)}`,
    `${countOf(depth + waiting)} wait now, in a lane for ${countOf(capacity)}`,
  ]
  if (ledger !== undefined && ledger.ageMs > 0)
    evidence.push(
      `since open ${rateOf(arrivals, ledger.ageMs)} came and ${rateOf(committed + failed, ledger.ageMs)} were done`,
    )
  const oldest = live.oldest[lane]
  if (oldest !== undefined)
    evidence.push(`the oldest, ${named(oldest.label)}, has waited ${durationOf(oldest.waitedMs)}`)
  const sources = (ledger?.writes ?? [])
    .filter((row) => row.lane === lane)
    .sort((one, other) => arrivalsOf(other) - arrivalsOf(one))
  const main = sources[0]
  if (main !== undefined)
    evidence.push(`${named(main.label)} sent ${countOf(arrivalsOf(main))} of them, more than any other`)
  return {
    kind: 'storm',
    subject: lane,
    headline: overflowed
      ? `More comes into the lane \`${lane}\` than is served: ${many(turnedAway, 'write')} turned away`
      : `More comes into the lane \`${lane}\` than is served: ${countOf(depth + waiting)} wait`,
    evidence,
    remedy: remedies[lane](main === undefined ? 'its writes' : named(main.label)),
    severity: lane === 'user' ? 'high' : lane === 'sync' || !overflowed ? 'medium' : 'low',
    weight: turnedAway + depth + waiting,
  }
}

/** A longer queue serves nobody sooner, so none of these is a larger capacity. */
const remedies: Readonly<Record<LaneName, (label: string) => string>> = {
  user: (label) =>
    `Let callers of ${label} wait for \`retryAfterMs\` before they try again, and limit how many work at once. What nobody waits for belongs in another lane, or in a coalescer. A larger capacity only makes the wait longer.`,
  sync: (label) =>
    `Limit how much of ${label} is under way at once, and await its tickets: then it comes as fast as it is written. Larger batches (\`db.writeMany\`) cost less each.`,
  background: (label) =>
    `Put ${label} through a coalescer, so that only the newest value of a key is written; or send less. What must arrive belongs in the lane \`sync\`.`,
}
