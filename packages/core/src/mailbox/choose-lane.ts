import { type LaneName, laneNames } from './lane-name.ts'

export interface LaneState {
  readonly depth: number
  /** How long the oldest write has waited; 0 where there is none. */
  readonly oldestWaitMs: number
  readonly waitMsMax: number
  /** Somebody waits for one of its writes: it is due, however short it has waited. */
  readonly isAwaited?: boolean
}

export interface LaneChoice {
  readonly lane: LaneName
  /** Served out of turn, because it waited too long or is waited for: this slice can't be cut short. */
  readonly aged: boolean
}

/**
 * Which lane is served next: the most urgent one that has work (promise 4), unless a lower one has waited past its bound
 * (promise 5) or holds what somebody waits for (promise 8). Two aged slices never follow each other while somebody more urgent waits, so that a lane that is behind for
 * good shares the lock with the users instead of taking it over.
 */
export function chooseLane(
  lanes: Readonly<Record<LaneName, LaneState>>,
  lastWasAged: boolean,
): LaneChoice | undefined {
  const waiting = laneNames.filter((name) => lanes[name].depth > 0)
  const urgent = waiting[0]
  if (urgent === undefined) return undefined
  if (!lastWasAged) {
    const starved = waiting
      .slice(1)
      .filter((name) => lanes[name].isAwaited || lanes[name].oldestWaitMs > lanes[name].waitMsMax)
      .sort((a, b) => lanes[b].oldestWaitMs - lanes[a].oldestWaitMs)[0]
    if (starved !== undefined) return { lane: starved, aged: true }
  }
  return { lane: urgent, aged: false }
}
