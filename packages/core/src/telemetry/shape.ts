/** What a value has to look like, as data: it is checked against, documented from and, in tests, made up from. */
export type Shape =
  | { readonly is: 'number' | 'string' | 'boolean' }
  | { readonly is: 'one-of'; readonly values: readonly (string | number)[] }
  | { readonly is: 'list'; readonly of: Shape }
  | { readonly is: 'by-name'; readonly of: Shape }
  | { readonly is: 'fields'; readonly fields: Readonly<Record<string, Shape>> }
  | { readonly is: 'optional'; readonly of: Shape }

declare const covered: unique symbol

/** A shape that covers all of a type: a field that the type gains and the shape lacks does not compile. */
export type ShapeOf<T> = Shape & { readonly [covered]?: (value: T) => T }

export const number = { is: 'number' } as ShapeOf<number>
export const string = { is: 'string' } as ShapeOf<string>
export const boolean = { is: 'boolean' } as ShapeOf<boolean>

export function oneOf<const T extends string | number>(...values: readonly T[]): ShapeOf<T> {
  return { is: 'one-of', values }
}

export function listOf<T>(of: ShapeOf<T>): ShapeOf<readonly T[]> {
  return { is: 'list', of }
}

export function byName<T>(of: ShapeOf<T>): ShapeOf<Readonly<Record<string, T>>> {
  return { is: 'by-name', of }
}

export function fields<T extends object>(
  shapes: { readonly [Field in keyof T]-?: ShapeOf<T[Field]> },
): ShapeOf<T> {
  return { is: 'fields', fields: shapes as Readonly<Record<string, Shape>> }
}

/** Undefined or left out: JSON has no undefined, and leaves such fields out. */
export function optional<T>(of: ShapeOf<T>): ShapeOf<T | undefined> {
  return { is: 'optional', of } as ShapeOf<T | undefined>
}

/**
 * Where a value is not what it should be, and what it should be there; undefined where all is well. Fields
 * beyond the shape are. Numbers are counts, sizes and times: beyond 2^53 they are none, and their sums could overflow.
 */
export function mismatch(
  value: unknown,
  shape: Shape,
  path = '',
): { at: string; expected: string } | undefined {
  switch (shape.is) {
    case 'number':
      return typeof value === 'number' && Math.abs(value) <= Number.MAX_SAFE_INTEGER
        ? undefined
        : { at: path, expected: 'a number' }
    case 'string':
    case 'boolean':
      return typeof value === shape.is ? undefined : { at: path, expected: `a ${shape.is}` }
    case 'one-of':
      return shape.values.some((one) => one === value)
        ? undefined
        : { at: path, expected: shape.values.map((one) => JSON.stringify(one)).join(' or ') }
    case 'optional':
      return value === undefined ? undefined : mismatch(value, shape.of, path)
    case 'list':
      if (!Array.isArray(value)) return { at: path, expected: 'a list' }
      return first(value.entries(), ([index, entry]) => mismatch(entry, shape.of, `${path}[${index}]`))
    case 'by-name':
      if (!isObject(value)) return { at: path, expected: 'an object' }
      return first(Object.entries(value), ([name, entry]) => mismatch(entry, shape.of, join(path, name)))
    case 'fields':
      if (!isObject(value)) return { at: path, expected: 'an object' }
      return first(Object.entries(shape.fields), ([name, inner]) =>
        mismatch(Object.hasOwn(value, name) ? value[name] : undefined, inner, join(path, name)),
      )
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`
}

function first<Entry, Found>(
  entries: Iterable<Entry>,
  find: (entry: Entry) => Found | undefined,
): Found | undefined {
  for (const entry of entries) {
    const found = find(entry)
    if (found !== undefined) return found
  }
  return undefined
}
