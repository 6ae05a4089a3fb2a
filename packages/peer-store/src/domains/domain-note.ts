import { domainLimits } from '../limits.ts'
import { latest } from '../store/latest.ts'
import type { DomainCheck, DomainRefusal, DomainStatus } from './types.ts'

/** What checks said of a domain, waiting to be written. Times in milliseconds since 1970; -1 is never. */
export interface DomainNote {
  readonly name: string
  readonly last: { readonly status: DomainStatus; readonly at: number }
  readonly succeededAt: number
  readonly failed: { readonly error: string | undefined; readonly at: number } | undefined
  readonly config: { readonly text: string; readonly at: number } | undefined
  /** Whether it says what the domain is. A check that came late does not: a newer one had been noted before. */
  readonly isNewest: boolean
}

/** What is wrong with a check, if anything. */
export function wrongWithCheck(check: DomainCheck): DomainRefusal | undefined {
  const { name, status, checkedAt, config, error } = check ?? {}
  if (!isDomainName(name)) return 'bad-name'
  const isTime = typeof checkedAt === 'number' && checkedAt >= 0 && checkedAt <= Number.MAX_SAFE_INTEGER
  if (!isTime || (status !== 'ok' && status !== 'failed')) return 'bad-check'
  if (error !== undefined && typeof error !== 'string') return 'bad-check'
  return config === undefined || (status === 'ok' && isConfig(config)) ? undefined : 'bad-config'
}

/** A host name as it stands in URLs (RFC 1123, in lower case), and a port if there is one. */
export function isDomainName(name: unknown): name is string {
  if (typeof name !== 'string' || name.length > domainLimits.nameCharactersMax) return false
  const [, host = '', port = '0'] = /^([^:]*)(?::(\d{1,5}))?$/.exec(name) ?? []
  const areLabels = host.split('.').every((label) => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(label))
  return areLabels && host.length <= 253 && Number(port) <= 65_535
}

function isConfig(config: unknown): config is string {
  if (typeof config !== 'string' || config.length > domainLimits.configCharactersMax) return false
  if (isDeeperThan(domainLimits.configNestingMax, config)) return false
  try {
    JSON.parse(config)
    return true
  } catch {
    return false
  }
}

/** Strings are passed over as a whole, with the brackets in them. */
function isDeeperThan(most: number, json: string): boolean {
  let depth = 0
  for (const [part] of json.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"|[[\]{}]/g)) {
    if (part === '[' || part === '{') depth++
    else if (part === ']' || part === '}') depth--
    if (depth > most) return true
  }
  return false
}

export function noteOfCheck(
  { name, status, checkedAt, config, error }: DomainCheck,
  isNewest = true,
): DomainNote {
  const at = Math.trunc(checkedAt)
  return {
    name,
    last: { status, at },
    succeededAt: status === 'ok' ? at : -1,
    failed: status === 'failed' ? { error: error?.slice(0, domainLimits.errorCharactersMax), at } : undefined,
    config: config === undefined ? undefined : { text: config, at },
    isNewest,
  }
}

/**
 * Whether a check would change what is on its way or was last written of its domain. One that says the same a little later would
 * not; one that came late may still be the newest of its kind, which the file knows. What is on its way may be nothing but a late
 * one: to say the same as that is no sign that nothing has changed.
 */
export function changesDomain(next: DomainNote, last: DomainNote): boolean {
  if (!last.isNewest) return true
  const sinceMs = next.last.at - last.last.at
  if (sinceMs < 0 || sinceMs >= domainLimits.checkResolutionMs) return true
  if (next.last.status !== last.last.status) return true
  if (next.failed !== undefined && next.failed.error !== last.failed?.error) return true
  return next.config !== undefined && next.config.text !== last.config?.text
}

/** Both notes as one: of each part the newest by its own time, whichever came first. */
export function mergeDomainNotes(older: DomainNote, newer: DomainNote): DomainNote {
  return {
    name: newer.name,
    last: newer.last.at >= older.last.at ? newer.last : older.last,
    succeededAt: Math.max(older.succeededAt, newer.succeededAt),
    failed: latest(older.failed, newer.failed),
    config: latest(older.config, newer.config),
    isNewest: older.isNewest || newer.isNewest,
  }
}
