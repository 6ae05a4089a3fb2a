// Design, “One message per batch”: what the thread reads out of the message is what was asked for.
import { seeded } from '@lockkeeper/testkit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { SqlParameters, SqlValue } from '../procedures/define.ts'
import { encodeBatch, type WriteWork, workAt } from './batch.ts'

const value: fc.Arbitrary<SqlValue> = fc.oneof(
  fc.constant(null),
  fc.integer(),
  fc.string(),
  fc.bigInt(),
  fc.uint8Array(),
)
const parameters: fc.Arbitrary<SqlParameters | undefined> = fc.oneof(
  fc.constant(undefined),
  fc.array(value, { maxLength: 3 }),
  fc.dictionary(fc.constantFrom('a', 'b', 'c'), value, { noNullPrototype: true }),
)
const text = fc.constantFrom('insert into notes values (?)', 'delete from notes', 'notes.add', '')
const work: fc.Arbitrary<WriteWork> = fc.oneof(
  fc.record({ kind: fc.constant('statement' as const), sql: text, parameters }),
  fc.record({
    kind: fc.constant('atomic' as const),
    statements: fc.array(fc.tuple(text, parameters), { maxLength: 3 }),
  }),
  fc.record({
    kind: fc.constant('procedure' as const),
    name: text,
    input: fc.oneof(value, fc.constant(undefined)),
  }),
)

describe('a batch', () => {
  it('says after its message what it said before', () => {
    fc.assert(
      fc.property(fc.array(work, { maxLength: 20 }), fc.nat(), (works, id) => {
        const batch = structuredClone(
          encodeBatch({ id, sliceMs: 5, durability: 'power', keys: undefined }, works),
        )
        expect(batch).toMatchObject({ id, sliceMs: 5, durability: 'power', keys: undefined })
        expect(batch.payloads.length).toBe(works.length)
        expect(works.map((_, item) => workAt(batch, item))).toEqual(structuredClone(works))
      }),
      seeded('batches', 500),
    )
  })

  it('sends each text once, however many items say it', () => {
    const works = Array.from(
      { length: 100 },
      (_, n): WriteWork => ({ kind: 'statement', sql: 'insert', parameters: [n] }),
    )
    expect(encodeBatch({ id: 1, sliceMs: 5, durability: 'process', keys: undefined }, works).texts).toEqual([
      'insert',
    ])
  })
})
