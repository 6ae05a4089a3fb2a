import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import type { JobProcedure, ReadProcedure, WriteProcedure } from './define.ts'

export type AnyProcedure =
  | WriteProcedure<never, unknown>
  | ReadProcedure<never, unknown>
  | JobProcedure<never, unknown>

/** Where each module lies, by the app's name for it. */
export type ProcedureUrls = Readonly<Record<string, string>>

/** The procedures of a thread, by full name: `peers.upsert`. */
export type ProcedureTable = ReadonlyMap<string, AnyProcedure>

/** Whether each procedure writes or reads: all that the app's thread knows of them. */
export type ProcedureKinds = ReadonlyMap<string, AnyProcedure['kind']>

export function kindsOf(table: ProcedureTable): ProcedureKinds {
  return new Map([...table].map(([name, { kind }]) => [name, kind]))
}

/**
 * Loads the app's modules into this thread.
 * @throws LockkeeperError `procedures-not-loaded`, with the module's own error as cause.
 */
export async function loadProcedures(urls: ProcedureUrls): Promise<ProcedureTable> {
  const table = new Map<string, AnyProcedure>()
  for (const [name, url] of Object.entries(urls)) {
    for (const [exported, value] of Object.entries(await load(name, url))) {
      if (isProcedure(value)) table.set(`${name}.${exported}`, value)
    }
  }
  return table
}

async function load(name: string, url: string): Promise<Record<string, unknown>> {
  try {
    return (await import(url)) as Record<string, unknown>
  } catch (cause) {
    throw new LockkeeperError(
      `The procedures of ${name} cannot be loaded from ${url}: ${cause instanceof Error ? cause.message : String(cause)}`,
      { code: 'procedures-not-loaded', stage: 'open', cause },
    )
  }
}

function isProcedure(value: unknown): value is AnyProcedure {
  if (typeof value !== 'object' || value === null) return false
  const { kind, body } = value as { kind?: unknown; body?: unknown }
  return (kind === 'write' || kind === 'read' || kind === 'job') && typeof body === 'function'
}

/** @throws LockkeeperError `unknown-procedure`, naming those there are. */
export function procedureOf<Kind extends AnyProcedure['kind']>(
  table: ProcedureTable,
  name: string,
  kind: Kind,
): Extract<AnyProcedure, { kind: Kind }> {
  const procedure = table.get(name)
  if (procedure?.kind === kind) return procedure as Extract<AnyProcedure, { kind: Kind }>
  const others = [...table].filter(([, other]) => other.kind === kind).map(([other]) => other)
  throw new LockkeeperError(
    procedure === undefined
      ? `There is no procedure ${name}. There are: ${others.slice(0, 20).join(', ') || 'none'}`
      : `${name} is declared with ${procedure.kind}(), so it cannot ${kind}`,
    {
      code: 'unknown-procedure',
      stage: kind === 'read' ? 'read' : 'execute',
      outcome: kind === 'read' ? undefined : 'not-stored',
    },
  )
}
