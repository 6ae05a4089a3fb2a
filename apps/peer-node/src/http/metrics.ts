import { prometheusMetrics, type ReportSource } from '@lockkeeper/metrics'
import { Hono } from 'hono'
import { Registry } from 'prom-client'

/** What Prometheus scrapes: the store's report, in a registry of this node's own. */
export function createMetrics(store: ReportSource): Hono {
  const { register } = prometheusMetrics(store, { register: new Registry() })
  const metrics = new Hono()
  metrics.get('/metrics', async (context) =>
    context.body(await register.metrics(), 200, { 'content-type': register.contentType }),
  )
  return metrics
}
