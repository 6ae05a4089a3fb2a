import { pageLimits } from '../limits.ts'
import type { Page } from '../types.ts'

export function bounded({ limit, after }: Page): Page {
  return { limit: boundedLimit(limit, pageLimits.itemsMax), after }
}

export function boundedLimit(limit: number, most: number): number {
  return Math.min(Math.max(1, Math.trunc(limit) || 1), most)
}
