import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import type { JobKeeper, JobOptions } from '../jobs/jobs.ts'
import type { Admission } from '../mailbox/admission.ts'
import type { ProcedureKinds } from '../procedures/load.ts'
import type { Queries } from './queries.ts'
import type { ReadOptions, WriteOptions } from './types.ts'

/**
 * The objects behind `db.call` and `db.procedure`. The app's thread knows of its procedures their names and kinds only,
 * as the threads reported them.
 */
export function makeCalls(kinds: ProcedureKinds, admission: Admission, queries: Queries) {
  const call: Record<string, Record<string, unknown>> = {}
  const procedure: Record<string, Record<string, unknown>> = {}
  for (const [name, kind] of kinds) {
    const [module = '', exported = ''] = splitName(name)
    call[module] ??= withUnknown(module, admission)
    procedure[module] ??= {}
    if (kind === 'job') continue
    if (kind === 'read') {
      call[module][exported] = (input?: unknown, options?: ReadOptions) =>
        queries.procedure(name, input, options)
    } else {
      const write = (input?: unknown, options?: WriteOptions) => admission.procedure(name, input, options)
      call[module][exported] = write
      procedure[module][exported] = { name, call: write }
    }
  }
  return { call, procedure }
}

/** The procedures that only read, on readers of a door’s own: `snapshot.call`. */
export function makeReadCalls(
  kinds: ProcedureKinds,
  queries: Queries,
): Record<string, Record<string, unknown>> {
  const call: Record<string, Record<string, unknown>> = {}
  for (const [name, kind] of kinds) {
    if (kind !== 'read') continue
    const [module = '', exported = ''] = splitName(name)
    call[module] ??= {}
    call[module][exported] = (input?: unknown, options?: ReadOptions) =>
      queries.procedure(name, input, options)
  }
  return call
}

/** The object behind `db.jobs.start`. */
export function makeStarts(kinds: ProcedureKinds, keeper: JobKeeper) {
  const start: Record<string, Record<string, unknown>> = {}
  for (const [name, kind] of kinds) {
    if (kind !== 'job') continue
    const [module = '', exported = ''] = splitName(name)
    start[module] ??= {}
    start[module][exported] = (input: unknown, options?: JobOptions) => keeper.start(name, input, options)
  }
  return start
}

function splitName(name: string): [string, string] {
  const dot = name.lastIndexOf('.')
  return [name.slice(0, dot), name.slice(dot + 1)]
}

/** Calling what is not there fails like every other call, with the names there are, not with a TypeError. */
function withUnknown(module: string, admission: Admission): Record<string, unknown> {
  const known: Record<string, unknown> = {}
  return new Proxy(known, {
    get(target, property, receiver): unknown {
      // Looked for by await and by JSON, not by a caller.
      const isProbe = typeof property === 'symbol' || property === 'then' || property === 'toJSON'
      if (isProbe || property in target) return Reflect.get(target, property, receiver)
      return () =>
        admission.refused(
          new LockkeeperError(
            `There is no procedure ${module}.${property}. There are: ${Object.keys(target).join(', ')}`,
            { code: 'unknown-procedure', stage: 'admission' },
          ),
          `${module}.${property}`,
        )
    },
  })
}
