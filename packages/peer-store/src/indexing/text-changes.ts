import type { WriteTransaction } from '@lockkeeper/core/procedures'
import { indexLimits } from '../limits.ts'
import { indexQueries } from './queries.ts'
import { unmarked } from './unmarked.ts'

export interface RecordText {
  readonly title: string
  readonly path: string
  readonly text: string
}

/**
 * What is to change in the full-text index, in order, put off until the other rows of several records are written. FTS5 gathers
 * what it is told in memory, and empties that into its tables at every savepoint; SQLite makes one by itself for each statement that
 * could fail halfway, an upsert for one. With such statements in between, every record would be a segment of its own, to be merged
 * with others later: that costs more than all else together.
 */
export class TextChanges {
  #characters = 0
  #changes: ((tx: WriteTransaction) => void)[] = []

  /** How much has been put off: some 50 µs a thousand characters. */
  get characters(): number {
    return this.#characters
  }

  remove(blobId: number): void {
    this.#changes.push((tx) => tx.run(indexQueries.removeText, [blobId]))
  }

  /** Of a very long text only the beginning can be found. */
  add(blobId: number, { title, path, text }: RecordText): void {
    const found = text.slice(0, indexLimits.textCharactersMax)
    this.#characters += found.length
    this.#changes.push((tx) => tx.run(indexQueries.text, [blobId, unmarked(title), path, unmarked(found)]))
  }

  /**
   * To be called before the transaction ends, or what was put off is lost. Merges a few segments of the index besides: little and
   * often, since FTS5 by itself does it seldom and much at once.
   */
  write(tx: WriteTransaction): void {
    if (this.#changes.length === 0) return
    for (const change of this.#changes) change(tx)
    const { mergePagesMin, mergePagesPerCharacter } = indexLimits
    tx.run(indexQueries.mergeTexts, [mergePagesMin + Math.ceil(this.#characters * mergePagesPerCharacter)])
    this.#changes = []
    this.#characters = 0
  }
}
