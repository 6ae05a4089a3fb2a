import { storm } from '../limits-peer-store.ts'
import { type Connect, versionOf } from '../subjects/storm-peers.ts'

export type ReadAddresses = (id: string) => Promise<readonly string[]>

/** Reads each changed address when its time to be stored is over, and counts those that are not there then. */
export class ChangeChecks {
  readonly #read: ReadAddresses
  readonly #timers = new Set<NodeJS.Timeout>()
  readonly #reads = new Set<Promise<void>>()
  changes = 0
  /** Not stored in time. */
  late = 0

  constructor(read: ReadAddresses) {
    this.#read = read
  }

  readonly add = ({ id, version }: Connect): void => {
    this.changes++
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      const check = this.#check(id, version).finally(() => this.#reads.delete(check))
      this.#reads.add(check)
    }, storm.storedWithinMs)
    this.#timers.add(timer)
  }

  /** How many wait for their time, or for their answer. */
  get open(): number {
    return this.#timers.size + this.#reads.size
  }

  /** Those that are not answered yet are late. @returns how many were late. */
  shut(): number {
    for (const timer of this.#timers) clearTimeout(timer)
    const late = this.late + this.open
    this.#timers.clear()
    return late
  }

  async #check(id: string, version: number): Promise<void> {
    const addresses = await this.#read(id).catch(() => [])
    // A peer may have changed again meanwhile.
    if ((versionOf(addresses) ?? -1) < version) this.late++
  }
}
