/** Numbers as people read them. Never the machine's locale: a report reads the same everywhere. */

export function countOf(value: number): string {
  const digits = String(Math.round(value))
  return digits.includes('e') ? digits : digits.replace(/\B(?=(\d{3})+$)/g, ',')
}

/** `1 write`, `2 writes`. */
export function many(value: number, noun: string): string {
  return `${countOf(value)} ${noun}${Math.round(value) === 1 ? '' : 's'}`
}

/** `9 µs`, `0.42 ms`, `150 ms`, `9.9 s`, `17 min`, `14.7 h`. */
export function durationOf(ms: number): string {
  if (ms === 0) return '0 ms'
  if (ms > 0 && ms < 0.1) return `${digitsOf(ms * 1_000)} µs`
  if (ms < 10) return `${digitsOf(ms)} ms`
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 120_000) return `${digitsOf(ms / 1_000)} s`
  if (ms < 7_200_000) return `${digitsOf(ms / 60_000)} min`
  return `${digitsOf(ms / 3_600_000)} h`
}

export function bytesOf(bytes: number): string {
  if (bytes < 1_024) return `${countOf(bytes)} B`
  if (bytes < 1_048_576) return `${digitsOf(bytes / 1_024)} KiB`
  if (bytes < 1_073_741_824) return `${digitsOf(bytes / 1_048_576)} MiB`
  return `${digitsOf(bytes / 1_073_741_824)} GiB`
}

export function percentOf(part: number, whole: number): string {
  const share = ratioOf(part, whole) * 100
  return share > 0 && share < 1 ? '<1%' : `${countOf(share)}%`
}

/** `210/s`, `0.2/s`. */
export function rateOf(count: number, ms: number): string {
  return `${digitsOf(ratioOf(count, ms / 1_000))}/s`
}

/** 0 where there is nothing to divide by; never without bound, since what it divides by may be next to nothing. */
export function ratioOf(part: number, whole: number): number {
  const bound = Number.MAX_SAFE_INTEGER
  return whole > 0 ? Math.max(-bound, Math.min(part / whole, bound)) : 0
}

/** Two digits below ten, whole numbers above a hundred: more would claim more than was measured. */
export function digitsOf(value: number): string {
  if (value >= 100) return countOf(value)
  return String(Number(value.toFixed(value < 1 ? 2 : 1)))
}

/** `a, b and c`. */
export function listOf(parts: readonly string[]): string {
  if (parts.length < 2) return parts.join('')
  return `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`
}

export function named(label: string): string {
  return `\`${label}\``
}
