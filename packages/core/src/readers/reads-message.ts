import type { SqlParameters } from '../procedures/define.ts'
import type { ReadWork } from './read-work.ts'

/**
 * Reads on their way to a reader, several in one message: a message costs as much as a few small reads. Texts are sent once
 * each, since most callers ask the same.
 */
export interface ReadsMessage {
  readonly type: 'reads'
  /** The number of the first; the others follow it. */
  readonly first: number
  readonly texts: readonly string[]
  /** Two numbers for each read: its {@link kinds kind}, and the index of its text or procedure name. */
  readonly heads: Int32Array
  /** One for each read: its parameters, or the procedure's input. */
  readonly payloads: readonly unknown[]
}

const kinds = { objects: 0, arrays: 1, firstObject: 2, firstArray: 3, procedure: 4, plan: 5 } as const
const shapes = ['objects', 'arrays', 'firstObject', 'firstArray'] as const

export function encodeReads(first: number, works: readonly ReadWork[]): ReadsMessage {
  const texts: string[] = []
  const known = new Map<string, number>()
  const heads = new Int32Array(works.length * 2)
  const payloads = new Array<unknown>(works.length)
  for (let at = 0; at < works.length; at++) {
    const work = works[at] as ReadWork
    const text = work.kind === 'procedure' ? work.name : work.sql
    let index = known.get(text)
    if (index === undefined) {
      index = texts.push(text) - 1
      known.set(text, index)
    }
    heads[at * 2] = kinds[work.kind === 'query' ? work.shape : work.kind]
    heads[at * 2 + 1] = index
    payloads[at] = payloadOf(work)
  }
  return { type: 'reads', first, texts, heads, payloads }
}

function payloadOf(work: ReadWork): unknown {
  if (work.kind === 'query') return work.parameters
  return work.kind === 'procedure' ? work.input : undefined
}

/** One read, as its thread takes it out of the message. */
export function readAt({ texts, heads, payloads }: ReadsMessage, at: number): ReadWork {
  const text = texts[heads[at * 2 + 1] as number] as string
  const shape = shapes[heads[at * 2] as number]
  const parameters = payloads[at] as SqlParameters | undefined
  if (heads[at * 2] === kinds.plan) return { kind: 'plan', sql: text }
  if (shape === undefined) return { kind: 'procedure', name: text, input: payloads[at] }
  return { kind: 'query', sql: text, parameters, shape }
}
