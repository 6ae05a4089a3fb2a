// The waiting room as a test sees it: the bytes of the file beside the database, as laid out in native/room.h.
import { existsSync, readFileSync } from 'node:fs'
import { until } from '@lockkeeper/testkit'

export const roomBytes = 4096

/** Where the parts of the page lie. */
export const layout = { version: 16, slotCount: 20, holder: 32, slots: 64, slotBytes: 64 } as const
const inSlot = { owner: 0, ticket: 8, seenMs: 16, away: 28 } as const

/** One connection of one process. */
export interface Owner {
  readonly pid: number
  readonly connection: number
}

export interface Place extends Owner {
  /** Lower: came earlier. */
  readonly ticket: bigint
  /** The last sign of life, on the clock of `process.hrtime`. */
  readonly seenMs: number
  readonly away: boolean
}

export interface Room {
  readonly holder: Owner | undefined
  /** Who has a place, in order of arrival. */
  readonly places: readonly Place[]
}

export const roomOf = (file: string): string => `${file}-lockkeeper`

/** A look at the room; an empty one if there is no file. Reading it disturbs nobody: its locks don't belong to processes. */
export function lookInto(file: string): Room {
  const path = roomOf(file)
  const bytes = existsSync(path) ? readFileSync(path) : Buffer.alloc(0)
  if (bytes.length !== roomBytes) return { holder: undefined, places: [] }
  const places: Place[] = []
  for (let at = layout.slots; at < roomBytes; at += layout.slotBytes) {
    const owner = ownerAt(bytes, at + inSlot.owner)
    const ticket = bytes.readBigUInt64LE(at + inSlot.ticket)
    const seenMs = Number(bytes.readBigInt64LE(at + inSlot.seenMs))
    const away = bytes.readUInt32LE(at + inSlot.away) !== 0
    if (owner !== undefined && ticket !== 0n) places.push({ ...owner, ticket, seenMs, away })
  }
  places.sort((a, b) => (a.ticket < b.ticket ? -1 : 1))
  return { holder: ownerAt(bytes, layout.holder), places }
}

function ownerAt(bytes: Buffer, offset: number): Owner | undefined {
  const owner = bytes.readBigUInt64LE(offset)
  if (owner === 0n) return undefined
  return { pid: Number(owner >> 32n), connection: Number(owner & 0xffff_ffffn) }
}

/** The place at which a process, or one of its connections, waits. */
export function placeOf(file: string, { pid, connection }: Partial<Owner>): Place | undefined {
  return lookInto(file).places.find(
    (place) =>
      place.pid === pid && (connection === undefined || place.connection === connection) && !place.away,
  )
}

/** Until a process, or one of its connections, has its place in the queue. */
export function untilWaits(file: string, owner: Partial<Owner>): Promise<void> {
  return until(`${JSON.stringify(owner)} waits for the lock`, () => placeOf(file, owner) !== undefined)
}

/** A waiter that has given no sign of life for longer is passed over: `QUEUE_STALE_MS`. */
const staleMs = 100

/** Until a process that waits has given no sign of life for so long that the others pass it over. */
export function untilPassedOver(file: string, pid: number): Promise<void> {
  return until(`${pid} is passed over`, () => silentMs(file, pid) > staleMs)
}

/** Until a process that was passed over gives signs of life again. */
export function untilHeeded(file: string, pid: number): Promise<void> {
  return until(`${pid} is not passed over any more`, () => silentMs(file, pid) < staleMs)
}

function silentMs(file: string, pid: number): number {
  const place = placeOf(file, { pid })
  if (place === undefined) throw new Error(`${pid} does not wait`)
  return Number(process.hrtime.bigint() / 1_000_000n) - place.seenMs
}
