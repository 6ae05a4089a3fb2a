import type { Durations } from '@lockkeeper/core'
import { Summary, type SummaryConfiguration } from 'prom-client'
import { type Labels, seconds } from './family.ts'

type Values = Awaited<ReturnType<Summary['get']>>

/** A summary of what the ledger has measured already: its quantiles are the ledger's, not estimated anew. */
export class ReadySummary extends Summary {
  readonly #samples: () => readonly (readonly [Labels, Durations])[]
  readonly #name: string

  constructor(
    options: Pick<SummaryConfiguration<string>, 'name' | 'help' | 'labelNames' | 'registers'>,
    samples: () => readonly (readonly [Labels, Durations])[],
  ) {
    super(options)
    this.#name = options.name
    this.#samples = samples
  }

  override async get(): Promise<Values> {
    const samples = this.#samples()
    const values = samples.flatMap(([labels, durations]) => valuesOf(this.#name, labels, durations))
    return { ...(await super.get()), values }
  }
}

function valuesOf(name: string, labels: Labels, durations: Durations): Values['values'] {
  const { count, totalMs, p50Ms, p90Ms, p99Ms } = durations
  // Where nothing was measured a quantile has no value, which Prometheus writes as NaN.
  const quantile = (at: number, ms: number): Values['values'][number] => ({
    metricName: name,
    labels: { quantile: at, ...labels },
    value: count === 0 ? Number.NaN : seconds(ms),
  })
  return [
    quantile(0.5, p50Ms),
    quantile(0.9, p90Ms),
    quantile(0.99, p99Ms),
    { metricName: `${name}_sum`, labels, value: seconds(totalMs) },
    { metricName: `${name}_count`, labels, value: count },
  ]
}
