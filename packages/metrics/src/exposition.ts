import { Counter, Gauge, type Registry } from 'prom-client'
import { BlockedPairs } from './blocked-pairs.ts'
import type { Family, Labels, ReportSource, View } from './family.ts'
import { fileFamilies } from './file-families.ts'
import { readFamilies } from './read-families.ts'
import { ReadySummary } from './ready-summary.ts'
import { writeFamilies } from './write-families.ts'

const families: readonly Family[] = [...writeFamilies, ...readFamilies, ...fileFamilies]

interface Exposed {
  readonly source: ReportSource
  readonly pairs: BlockedPairs
}

/** All databases that one registry shows. Its metrics are made with the first of them and go with the last. */
export class Exposition {
  readonly #register: Registry
  readonly #exposed = new Map<string, Exposed>()
  readonly #made: string[] = []
  /** Of the scrape under way, by the database's name. */
  #views: ReadonlyMap<string, View> | undefined

  constructor(register: Registry) {
    this.#register = register
  }

  has(name: string): boolean {
    return this.#exposed.has(name)
  }

  /** @throws Error of prom-client, where another metric has one of our names. */
  add(name: string, source: ReportSource): void {
    if (this.#exposed.size === 0) this.#makeAll()
    this.#exposed.set(name, { source, pairs: new BlockedPairs() })
  }

  remove(name: string): void {
    this.#exposed.delete(name)
    if (this.#exposed.size === 0) this.#removeAll()
  }

  #makeAll(): void {
    try {
      for (const family of families) {
        this.#make(family)
        this.#made.push(family.name)
      }
    } catch (thrown) {
      this.#removeAll()
      throw thrown
    }
  }

  #removeAll(): void {
    for (const name of this.#made.splice(0)) this.#register.removeSingleMetric(name)
  }

  #make(family: Family): void {
    const { name, help } = family
    const options = { name, help, labelNames: ['database', ...family.labels], registers: [this.#register] }
    if (family.kind === 'summary') {
      new ReadySummary(options, () => this.#samples(family.samples))
      return
    }
    const samples = (): (readonly [Labels, number])[] => this.#samples(family.samples)
    if (family.kind === 'counter') {
      new Counter({
        ...options,
        collect() {
          this.reset()
          for (const [labels, value] of samples()) this.inc(labels, value)
        },
      })
    } else {
      new Gauge({
        ...options,
        collect() {
          this.reset()
          for (const [labels, value] of samples()) this.set(labels, value)
        },
      })
    }
  }

  #samples<Value>(of: (view: View) => readonly (readonly [Labels, Value])[]): (readonly [Labels, Value])[] {
    return [...this.#now()].flatMap(([database, view]) =>
      of(view).map(([labels, value]) => [{ database, ...labels }, value] as const),
    )
  }

  /** A registry asks all of its metrics in one turn: they show one report of each database. */
  #now(): ReadonlyMap<string, View> {
    if (this.#views !== undefined) return this.#views
    const views = new Map<string, View>()
    for (const [name, { source, pairs }] of this.#exposed) {
      const report = source.report()
      views.set(name, { report, blocked: pairs.bound(report.ledger?.blocked ?? []) })
    }
    this.#views = views
    queueMicrotask(() => {
      this.#views = undefined
    })
    return views
  }
}
