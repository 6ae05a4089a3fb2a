import type { Durations } from './ledger-report.ts'

/** Values below this have a bucket each; above, each power of two has half as many. */
const exact = 128
const perOctave = exact / 2
const shiftMin = Math.log2(exact)
/** Microseconds in 32 bits: past 71 minutes all is one. */
const longest = 2 ** 32 - 1
const buckets = exact + (32 - shiftMin) * perOctave

const none: Durations = { count: 0, totalMs: 0, p50Ms: 0, p90Ms: 0, p99Ms: 0, maxMs: 0 }

/**
 * How long things took: a histogram in microseconds whose buckets are no wider than a 64th of what they hold, so that a percentile is
 * right to 0.8 %; count, sum and longest are exact. Its 7 KB are taken when the first duration comes. Recording takes some
 * nanoseconds: `createHistogram` of `node:perf_hooks` takes 30 KB and a call into C++.
 */
export class Histogram {
  count = 0
  totalMs = 0
  maxMs = 0
  #counts: Uint32Array | undefined

  /** What it takes, roughly. */
  get bytes(): number {
    return this.#counts?.byteLength ?? 0
  }

  /** @param ms below 0, as clocks of two threads may have it, it is 0. */
  record(ms: number): void {
    const took = Math.max(0, ms)
    this.#counts ??= new Uint32Array(buckets)
    this.count++
    this.totalMs += took
    if (took > this.maxMs) this.maxMs = took
    const us = Math.min(longest, Math.round(took * 1_000))
    const at = bucketOf(us)
    this.#counts[at] = (this.#counts[at] as number) + 1
  }

  toJSON(): Durations {
    const { count, totalMs, maxMs } = this
    if (this.#counts === undefined) return none
    const [p50Ms, p90Ms, p99Ms] = this.#percentiles(this.#counts)
    return { count, totalMs, p50Ms, p90Ms, p99Ms, maxMs }
  }

  /** The middle of each bucket in which a share of all is reached; never more than the longest. */
  #percentiles(counts: Uint32Array): [number, number, number] {
    const ranks = [Math.ceil(this.count * 0.5), Math.ceil(this.count * 0.9), Math.ceil(this.count * 0.99)]
    const found: [number, number, number] = [this.maxMs, this.maxMs, this.maxMs]
    let [seen, next] = [0, 0]
    for (let at = 0; at < buckets && next < ranks.length; at++) {
      seen += counts[at] as number
      for (; next < ranks.length && seen >= (ranks[next] as number); next++)
        found[next] = Math.min(this.maxMs, middleOf(at) / 1_000)
    }
    return found
  }
}

function bucketOf(us: number): number {
  if (us < exact) return us
  const shift = 32 - shiftMin - Math.clz32(us)
  return exact + (shift - 1) * perOctave + (us >>> shift) - perOctave
}

function middleOf(bucket: number): number {
  if (bucket < exact) return bucket
  const shift = Math.floor((bucket - exact) / perOctave) + 1
  const first = (perOctave + ((bucket - exact) % perOctave)) * 2 ** shift
  return first + (2 ** shift - 1) / 2
}
