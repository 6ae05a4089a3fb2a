import type { SqlParameters } from '../procedures/define.ts'
import { cut } from './cut.ts'
import { slowParametersMax, slowValueCharactersMax } from './limits.ts'

/** What parameters look like, without what they say: `text(12)`, `blob(4096)`, `:id integer`. */
export function shapesOf(parameters: SqlParameters | undefined): string[] {
  return described(parameters, shapeOf)
}

/** What they say, shortened: for apps that ask for it. */
export function valuesOf(parameters: SqlParameters | undefined): string[] {
  return described(parameters, textOf)
}

function described(parameters: SqlParameters | undefined, describe: (value: unknown) => string): string[] {
  if (parameters === undefined) return []
  const all: readonly (readonly [string, unknown])[] = isList(parameters)
    ? parameters.slice(0, slowParametersMax + 1).map((value) => ['', value])
    : Object.entries(parameters).map(([name, value]) => [`:${name} `, value])
  const shown = all.slice(0, slowParametersMax).map(([name, value]) => name + describe(value))
  return all.length > shown.length ? [...shown, '…'] : shown
}

const isList = (parameters: SqlParameters): parameters is Extract<SqlParameters, readonly unknown[]> =>
  Array.isArray(parameters)

function shapeOf(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (typeof value === 'string') return `text(${value.length})`
  if (value instanceof Uint8Array) return `blob(${value.byteLength})`
  if (typeof value === 'bigint') return 'integer'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'real'
  return typeof value
}

function textOf(value: unknown): string {
  if (value instanceof Uint8Array || value === null || value === undefined) return shapeOf(value)
  // Cut before it is quoted, too: of a megabyte a hundred characters are wanted.
  const text = typeof value === 'string' ? JSON.stringify(cut(value, slowValueCharactersMax)) : String(value)
  return text.length > slowValueCharactersMax ? `${cut(text, slowValueCharactersMax)}…` : text
}
