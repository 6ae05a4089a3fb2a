import { basename } from 'node:path'
import { LockkeeperError } from '@lockkeeper/core'
import { register as globalRegister, type Registry } from 'prom-client'
import { Exposition } from './exposition.ts'
import type { ReportSource } from './family.ts'

export interface PrometheusOptions {
  /** Where the metrics go. Default: prom-client's own registry. */
  readonly register?: Registry | undefined
  /** The label `database` of every series. Default: the name of the file. */
  readonly name?: string | undefined
}

export interface PrometheusMetrics {
  /** Whose `metrics()` is the text, and whose `contentType` goes with it. */
  readonly register: Registry
  /** Takes the database out of the registry, and the metrics with the last one: a closed database is shown as it was until then. */
  stop(): void
}

const expositions = new WeakMap<Registry, Exposition>()

/**
 * Shows a database's report as metrics for Prometheus. Nothing is counted besides: each scrape takes one report. Several databases may
 * share a registry.
 *
 * @param source a database, or whatever else has a report: a peer store.
 *
 * @example
 * const { register } = prometheusMetrics(db)
 * response.setHeader('content-type', register.contentType).end(await register.metrics())
 *
 * @throws LockkeeperError `invalid-argument` if a database of this name is in the registry already; prom-client's error where
 * another metric there has one of these names.
 */
export function prometheusMetrics(
  source: ReportSource,
  { register = globalRegister, name = basename(source.report().file) }: PrometheusOptions = {},
): PrometheusMetrics {
  const exposition = expositions.get(register) ?? new Exposition(register)
  expositions.set(register, exposition)
  if (exposition.has(name)) {
    throw new LockkeeperError(
      `The registry shows a database named ${name} already: give this one another name, or stop the other`,
      { code: 'invalid-argument', stage: 'admission' },
    )
  }
  exposition.add(name, source)
  let isShown = true
  const stop = (): void => {
    // Another database may have the name by now.
    if (isShown) exposition.remove(name)
    isShown = false
  }
  return { register, stop }
}
