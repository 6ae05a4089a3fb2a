import type { Entry } from './entry.ts'

/**
 * What flies before its turn: the keys somebody waits for, and the parts of failed batches, each without company. Its entries
 * stay with the others that are held, so that newer values reach them; here is only their order.
 *
 * New parts go behind those that wait. So the sound half of a batch is stored before the other half is looked into: its
 * values wait less, and a value that kills the writer's thread does not kill it many times in a row.
 */
export class FlightPlan<Value> {
  #parts: (readonly Entry<Value>[])[] = []
  readonly #urgent = new Set<Entry<Value>>()
  #urgentFlewLast = false

  get isEmpty(): boolean {
    return this.#parts.length === 0 && this.#urgent.size === 0
  }

  /** The keys somebody waits for; those in a part of a failed batch have been put to the front with it instead. */
  get urgent(): readonly Entry<Value>[] {
    return [...this.#urgent]
  }

  /**
   * The part that flies now; undefined if it is the turn of what is urgent, or no part waits. Where both wait they take turns, or
   * parts would never fly while readers go on asking for keys.
   */
  takePart(): readonly Entry<Value>[] | undefined {
    const isUrgentsTurn = this.#urgent.size > 0 && !this.#urgentFlewLast
    const part = isUrgentsTurn ? undefined : this.#nextPart()
    this.#urgentFlewLast = part === undefined && this.#urgent.size > 0
    return part
  }

  /** These fly by themselves: behind other parts, or at once. */
  setApart(entries: readonly Entry<Value>[], place: 'first' | 'last'): void {
    if (entries.length === 0) return
    for (const entry of entries) {
      entry.part = entries
      this.#urgent.delete(entry)
    }
    if (place === 'first') this.#parts.unshift(entries)
    else this.#parts.push(entries)
  }

  halve(entries: readonly Entry<Value>[]): void {
    const half = Math.ceil(entries.length / 2)
    this.setApart(entries.slice(0, half), 'last')
    this.setApart(entries.slice(half), 'last')
  }

  /**
   * One value of those that are set apart flies next, by itself: likely it is sound, and the writer, whose thread the last batch
   * killed, stops for good after some deaths without a commit between them.
   */
  probe(end: 'first' | 'last'): void {
    const part = end === 'first' ? this.#nextPart() : this.#parts.pop()
    const live = part?.filter((entry) => entry.part === part) ?? []
    const one = end === 'first' ? live.shift() : live.pop()
    this.setApart(live, end)
    if (one !== undefined) this.setApart([one], 'first')
  }

  hurry(entry: Entry<Value>): void {
    const { part } = entry
    if (part === undefined) this.#urgent.add(entry)
    else this.#parts = [part, ...this.#parts.filter((other) => other !== part)]
  }

  /** The first of which anything is still held. */
  #nextPart(): readonly Entry<Value>[] | undefined {
    let part = this.#parts.shift()
    while (part !== undefined && !part.some((entry) => entry.part === part)) part = this.#parts.shift()
    return part
  }

  /** It is held no more. */
  leave(entry: Entry<Value>): void {
    this.#urgent.delete(entry)
    entry.part = undefined
  }
}
