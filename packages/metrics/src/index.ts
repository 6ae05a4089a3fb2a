export type { ReportSource } from './family.ts'
export { type PrometheusMetrics, type PrometheusOptions, prometheusMetrics } from './prometheus-metrics.ts'
