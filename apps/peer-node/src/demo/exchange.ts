import { setTimeout as delay } from 'node:timers/promises'
import type { NodeStatus } from '../node/node-status.ts'
import { Latencies } from './latencies.ts'
import { demoLimits } from './limits.ts'
import { NodeClient } from './node-client.ts'
import type { NodeProcess } from './node-process.ts'
import type { Progress } from './progress.ts'
import { keepReading, wordOf } from './reader.ts'
import type { DemoResult } from './result.ts'

export type Figures = Pick<DemoResult, 'importMs' | 'syncMs' | 'searchHits' | 'reads' | 'busyErrors'>

export interface ExchangeInput {
  /** Starts a node with these words after those it needs anyway. */
  readonly startNode: (name: string, words: readonly string[]) => Promise<NodeProcess>
  readonly imports: readonly string[]
  readonly progress: Progress
  readonly signal: AbortSignal
}

/** Two nodes: the first imports, the second pulls from it; both are read from as soon as they are up. */
export class Exchange {
  readonly #input: ExchangeInput
  readonly #latencies = new Latencies()
  #second: NodeClient | undefined
  /** Aborted when there is nothing left to measure. */
  readonly #measured = new AbortController()
  /** Rejects with whatever goes wrong beside the main course of events. */
  readonly #failed = Promise.withResolvers<never>()

  constructor(input: ExchangeInput) {
    this.#input = input
    this.#failed.promise.catch(() => undefined) // it may come when nobody waits any more
  }

  /** @throws what went wrong with either node; the signal's reason. */
  async run(): Promise<Figures> {
    try {
      return await Promise.race([this.#run(), this.#failed.promise])
    } finally {
      this.#measured.abort()
      this.#input.progress.end()
    }
  }

  async #run(): Promise<Figures> {
    const { startNode, imports } = this.#input
    const one = await startNode('one', ['--import', ...imports])
    const importStart = performance.now()
    const first = this.#follow(one)
    const watching = this.#beside(this.#watch(first))
    const two = await startNode('two', ['--peer', one.ready.multiaddrs[0] ?? ''])
    const syncStart = performance.now()
    const second = this.#follow(two)
    this.#second = second
    const { importedAt, syncedAt } = await watching
    this.#measured.abort()
    const statuses = await Promise.all([first.status(), second.status()])
    return {
      importMs: Math.round(importedAt - importStart),
      syncMs: Math.round(syncedAt - syncStart),
      searchHits: await searchBoth(first, second),
      reads: this.#latencies.summary(),
      busyErrors: statuses.reduce((sum, { busyErrors }) => sum + busyErrors, 0),
    }
  }

  /** Reads from a node until all is measured, and fails if it ends before. */
  #follow(node: NodeProcess): NodeClient {
    const client = new NodeClient(node.ready.http, this.#input.signal)
    void this.#beside(node.unexpectedExit())
    void this.#beside(keepReading(client, this.#latencies, this.#measured.signal))
    return client
  }

  #beside<Value>(work: Promise<Value>): Promise<Value> {
    work.catch((error: unknown) => {
      if (!this.#measured.signal.aborted) this.#failed.reject(error)
    })
    return work
  }

  /** Looks on, and shows what it sees, until the second node holds all that the first imported. */
  async #watch(first: NodeClient): Promise<{ importedAt: number; syncedAt: number }> {
    let importedAt: number | undefined
    let seen = ''
    let changedAt = performance.now()
    for (;;) {
      const [one, two] = await Promise.all([first.status(), this.#second?.status()])
      const lookedAt = performance.now()
      this.#input.progress.show(one, two)
      if (one.import.state === 'failed') throw new Error(`the import failed: ${one.import.error}`)
      if (one.import.state === 'done') importedAt ??= lookedAt
      if (importedAt !== undefined && two !== undefined && holdsAll(one, two))
        return { importedAt, syncedAt: lookedAt }
      const toIndex = one.toIndex + (two?.toIndex ?? 0)
      const now = `${one.import.done} files, ${one.blobs} blobs, ${two?.blobs ?? 0} of them synced, ${toIndex} to be indexed`
      if (now !== seen) changedAt = lookedAt
      seen = now
      if (lookedAt - changedAt > demoLimits.stallMsMax) {
        const trouble = one.trouble ?? two?.trouble
        throw new Error(`nothing moves any more: ${now}${trouble === undefined ? '' : ` (${trouble})`}`)
      }
      await delay(demoLimits.lookEveryMs, undefined, { signal: this.#input.signal })
    }
  }
}

/** Searches find the same in both once nothing is left to be indexed. */
function holdsAll(one: NodeStatus, two: NodeStatus): boolean {
  return two.blobs === one.blobs && two.sync.missing === 0 && one.toIndex + two.toIndex === 0
}

/** Searches both nodes for words of the same titles. @returns the hits of the second. @throws if they disagree. */
async function searchBoth(first: NodeClient, second: NodeClient): Promise<number> {
  const { documents } = await first.documents(demoLimits.pageItems)
  const step = Math.max(1, Math.floor(documents.length / demoLimits.searchesAtEnd))
  const words = new Set(documents.filter((_, at) => at % step === 0).map(({ title }) => wordOf(title)))
  let hits = 0
  for (const word of words) {
    const [one, two] = await Promise.all([first.search(word), second.search(word)])
    if (one.length !== two.length) throw new Error(`the nodes disagree about ${JSON.stringify(word)}`)
    hits += two.length
  }
  return hits
}
