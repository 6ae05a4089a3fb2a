import { publicKeyBytes, signatureBytes } from './signer.ts'

export type Check = (value: unknown) => boolean

/** Looks at a record's fields: all that are required, optional ones where they are, and no others. */
export function checkedBy(
  kind: string,
  required: Readonly<Record<string, Check>>,
  optional: Readonly<Record<string, Check>> = {},
): (value: unknown) => string | undefined {
  return (value) => {
    if (!isMap(value)) return `a ${kind} is a map`
    for (const field of Object.keys(value)) {
      if (!Object.hasOwn(required, field) && !Object.hasOwn(optional, field))
        return `a ${kind} has no field ${JSON.stringify(field.slice(0, 40))}`
    }
    for (const [field, isSound] of Object.entries(required)) {
      if (!Object.hasOwn(value, field)) return `a ${kind} has a field ${field}`
      if (!isSound(value[field])) return `the ${kind}’s ${field} is not as it should be`
    }
    for (const [field, isSound] of Object.entries(optional)) {
      if (Object.hasOwn(value, field) && !isSound(value[field]))
        return `the ${kind}’s ${field} is not as it should be`
    }
    return undefined
  }
}

export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}

/** Decoders take U+FEFF at the beginning for a byte order mark and drop it, so no text may begin with one. */
export function isText(value: unknown, charactersMax: number): value is string {
  if (typeof value !== 'string' || value.length > charactersMax) return false
  return value.isWellFormed() && !value.startsWith('\uFEFF')
}

export function isTime(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function isBytes(value: unknown, length: number): boolean {
  return value instanceof Uint8Array && value.byteLength === length
}

/** What every signed record has. */
export const signedChecks: Readonly<Record<string, Check>> = {
  author: (value) => isBytes(value, publicKeyBytes),
  signature: (value) => isBytes(value, signatureBytes),
}
