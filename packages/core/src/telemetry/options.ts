import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { slowMsDefault } from './limits.ts'

/** What is measured, and kept of what is slow. */
export interface TelemetryOptions {
  /** A statement that runs for longer, or a wait for another process's lock, is kept with its SQL, in milliseconds. Default 100. */
  readonly slowMs?: number | undefined
  /** Whether the parameters of what is slow are kept as they are. Default false: their shapes are, as `text(12)`. */
  readonly values?: boolean | undefined
}

export interface ResolvedTelemetry {
  readonly slowMs: number
  readonly values: boolean
}

/** @throws LockkeeperError `invalid-argument` @returns undefined where it is turned off. */
export function resolveTelemetry(options: TelemetryOptions | boolean = true): ResolvedTelemetry | undefined {
  if (options === false) return undefined
  if (options !== true && (typeof options !== 'object' || options === null))
    throw invalid(`telemetry is false or { slowMs, values }, not ${String(options)}`)
  const { slowMs = slowMsDefault, values = false } = options === true ? {} : options
  if (typeof slowMs !== 'number' || !(slowMs >= 0))
    throw invalid(`telemetry.slowMs is a number of milliseconds, not ${String(slowMs)}`)
  if (typeof values !== 'boolean') throw invalid(`telemetry.values is true or false, not ${String(values)}`)
  return { slowMs, values }
}

function invalid(why: string): LockkeeperError {
  return new LockkeeperError(`openDatabase: ${why}`, { code: 'invalid-argument', stage: 'open' })
}
