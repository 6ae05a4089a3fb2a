import { job, read, write } from '@lockkeeper/core/procedures'
import { peerLimits } from '../limits.ts'
import { aheadOf, soundTime } from '../store/sound-clock.ts'
import type { Page } from '../types.ts'
import { failuresOf, type PeerNote, type ToldAddresses } from './peer-note.ts'
import { peerQueries } from './queries.ts'
import type { PeerRow, PeerStatus, PeerStatusRow, PeerToDial } from './types.ts'

/** Before every time: a part that is not known loses against one that is. */
const never = -1

/**
 * Writes what is known of peers: of each part the newest, whatever order notes come in. Bears repetition, but for the counts of
 * failures and refused blobs, which may come out too high then. Answers how many rows it changed.
 */
export const upsertMany = write((tx, notes: readonly PeerNote[]): number => {
  let changed = 0
  const putAddresses = (peer: string, source: 'own' | 'heard', told: ToldAddresses | undefined): void => {
    if (told === undefined) return
    const { heardResolutionMs } = peerLimits
    const list = JSON.stringify(told.list)
    const row = { peer, source, at: told.at, list, olderByMs: source === 'heard' ? heardResolutionMs : null }
    changed += tx.run(peerQueries.putAddresses, row).changes
  }
  for (const note of notes) {
    const { id, sighting, connectedAt, failed, own, heard, refusedBlobs } = note
    changed += tx.run(peerQueries.upsert, {
      id,
      status: sighting?.status ?? 'disconnected',
      seenAt: sighting?.at ?? never,
      connectedAt,
      failedAt: failed?.at ?? never,
      failures: failuresOf(note),
      failure: failed?.reason ?? null,
      refusedBlobs,
    }).changes
    putAddresses(id, 'own', own)
    putAddresses(id, 'heard', heard)
  }
  return changed
})

type Stored<Row> = Omit<Row, 'addresses'> & { readonly own: string | null; readonly heard: string | null }

const parsed = (list: string | null): readonly string[] =>
  list === null ? [] : (JSON.parse(list) as string[])

const restored = ({ own, heard, ...row }: Stored<PeerRow>): PeerRow => ({
  ...row,
  addresses: parsed(own ?? heard),
})

/** Peers by id, with their addresses. */
export const list = read((tx, { limit, after = '' }: Page): PeerRow[] =>
  tx.all<Stored<PeerRow>>(peerQueries.list, [after, limit]).map(restored),
)

export const byId = read((tx, id: string): PeerRow | undefined => {
  const row = tx.first<Stored<PeerRow>>(peerQueries.byId, [id])
  return row === undefined ? undefined : restored(row)
})

/** Peers by id, all or those of one status, without their addresses. */
export const statuses = read(
  (
    tx,
    { status, limit, after = '' }: Page & { readonly status?: PeerStatus | undefined },
  ): PeerStatusRow[] =>
    status === undefined
      ? tx.all<PeerStatusRow>(peerQueries.statuses, [after, limit])
      : tx.all<PeerStatusRow>(peerQueries.statusesOf, [status, after, limit]),
)

/** Whom to dial: those that failed least since they were connected, of these the last connected; not those that failed just now. */
export const toDial = read(
  (tx, { now, limit }: { readonly now: number; readonly limit: number }): PeerToDial[] =>
    tx
      .all<Stored<PeerToDial>>(peerQueries.toDial, {
        now,
        limit,
        redialMs: peerLimits.redialMs,
        doublings: peerLimits.redialDoublings,
      })
      .map(({ own, heard, ...row }) => ({
        ...row,
        addresses: [...new Set([...parsed(own), ...parsed(heard)])],
      })),
)

/** When anybody was last seen; undefined if nobody was. */
export const newest = read(
  (tx): number | undefined => tx.value<number | null>(peerQueries.newest) ?? undefined,
)

export interface TidyInput {
  /** When the store was opened: what was connected before is not now. Milliseconds since 1970. */
  readonly openedAt: number
  /** The newest time in the file when it was opened: what it says of then is of a run before, whatever the clock says now. */
  readonly newestBefore?: number | undefined
}

interface TidyCursor {
  readonly after: string
  readonly forgotten: number
  /** When anybody was last seen. */
  readonly newest: number
}

/**
 * Brings the peers up to date after a start, a hundred rows a step: nobody is connected yet, times from a clock that was ahead
 * are set to now, and peers nobody saw or told of in the 30 days before the last sighting of anybody are forgotten. Not in the
 * last 30 days: a node that was off for a month would forget everybody. Answers how many were.
 *
 * Killed, it goes on at the next start beside a new one. So what is ahead is told by the clock of the step, not of the start.
 */
export const tidy = job(function* (step, { openedAt, newestBefore }: TidyInput) {
  let { after, forgotten, newest } = (step.cursor as TidyCursor | undefined) ?? {
    after: '',
    forgotten: 0,
    // What is reported since the start says nothing of how long this node was off.
    newest: newestBefore ?? step.tx.value<number | null>(peerQueries.newest) ?? 0,
  }
  const before = Math.max(openedAt, (newestBefore ?? never) + 1)
  const forgetBefore = Math.min(openedAt, newest) - peerLimits.forgetAfterMs
  for (;;) {
    const last = step.tx.value<string | null>(peerQueries.lastOfStep, [after, peerLimits.tidyRowsPerStep])
    if (last === null || last === undefined) return forgotten
    const now = soundTime(openedAt, step.tx.value<number>(peerQueries.now) ?? 0)
    step.tx.run(peerQueries.disconnect, { after, last, before })
    if (now !== undefined) {
      step.tx.run(peerQueries.setBack, { after, last, now, aheadOf: aheadOf(now) })
      step.tx.run(peerQueries.setAddressesBack, { after, last, now, aheadOf: aheadOf(now) })
    }
    forgotten += step.tx.run(peerQueries.forget, { after, last, forgetBefore }).changes
    after = last
    yield { cursor: { after, forgotten, newest }, done: forgotten }
  }
})
