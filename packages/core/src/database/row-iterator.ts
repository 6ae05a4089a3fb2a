import type { StreamLease } from '../readers/stream-lease.ts'

/**
 * Hands out a stream’s rows one by one. A row that is here already costs one promise, no more: an async generator would take
 * three turns for each.
 */
export class RowIterator<Row> implements AsyncIterableIterator<Row, undefined, undefined> {
  readonly #open: (taken: () => number) => StreamLease<Row>
  #lease: StreamLease<Row> | undefined
  #rows: Row[] = []
  #at = 0
  #taken = 0
  #ended = false
  /** The last call that waits for a chunk: whoever comes meanwhile has its turn after it. */
  #waiting: Promise<unknown> | undefined

  /** @param open is called for the first row, and given what tells how far its consumer has come. */
  constructor(open: (taken: () => number) => StreamLease<Row>) {
    this.#open = open
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  next(): Promise<IteratorResult<Row, undefined>> {
    if (this.#waiting !== undefined) return this.#inTurn(this.#waiting)
    if (this.#at < this.#rows.length && !this.#lease?.isCutShort) {
      return Promise.resolve({ value: this.#rows[this.#at++] as Row, done: false })
    }
    return this.#inTurn(undefined)
  }

  return(): Promise<IteratorResult<Row, undefined>> {
    this.#ended = true
    this.#rows = []
    this.#lease?.stop()
    return Promise.resolve({ value: undefined, done: true })
  }

  async #inTurn(before: Promise<unknown> | undefined): Promise<IteratorResult<Row, undefined>> {
    const turn = before === undefined ? this.#nextRow() : before.then(() => this.#nextRow())
    const settled = turn.then(ignore, ignore)
    this.#waiting = settled
    try {
      return await turn
    } finally {
      if (this.#waiting === settled) this.#waiting = undefined
    }
  }

  async #nextRow(): Promise<IteratorResult<Row, undefined>> {
    while (!this.#ended) {
      if (this.#at < this.#rows.length && !this.#lease?.isCutShort) {
        return { value: this.#rows[this.#at++] as Row, done: false }
      }
      const rows = await this.#nextChunk()
      if (rows === undefined) break
      this.#taken += this.#at
      this.#at = 0
      this.#rows = rows
    }
    this.#end()
    return { value: undefined, done: true }
  }

  async #nextChunk(): Promise<Row[] | undefined> {
    try {
      this.#lease ??= this.#open(() => this.#taken + this.#at)
      return await this.#lease.next()
    } catch (thrown) {
      // As of a generator: it fails once, and has no more rows then.
      this.#end()
      throw thrown
    }
  }

  #end(): void {
    this.#ended = true
    this.#rows = []
    this.#at = 0
  }
}

function ignore(): void {}
