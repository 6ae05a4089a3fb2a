// Promise 12 (every bound is declared): options are read, checked and filled in before anything is opened.
import { availableParallelism } from 'node:os'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { laneDefaults, readersDefault } from '../limits.ts'
import { type OpenOptions, resolveOptions } from './options.ts'

const resolve = (options: object) => resolveOptions({ file: 'a.db', ...options } as OpenOptions)

describe('options', () => {
  it('have defaults', () => {
    expect(resolve({})).toMatchObject({
      file: path.resolve('a.db'),
      migrations: [],
      procedures: {},
      durability: 'process',
      lanes: laneDefaults,
      readers: readersDefault(availableParallelism()),
    })
  })

  it('change of a lane only what they say', () => {
    const lanes = { sync: { capacity: 7 }, background: { sliceMs: Number.POSITIVE_INFINITY } }
    expect(resolve({ lanes }).lanes).toEqual({
      user: laneDefaults.user,
      sync: { ...laneDefaults.sync, capacity: 7 },
      background: { ...laneDefaults.background, sliceMs: Number.POSITIVE_INFINITY },
    })
  })

  it.each<[object, RegExp]>([
    [{ file: undefined }, /file is the path/],
    [{ file: 'a\0b' }, /file is the path/],
    [{ durability: 'forever' }, /durability is 'process' or 'power', not forever/],
    [{ readers: { interactive: 0 } }, /readers\.interactive is a whole number from 1, not 0/],
    [{ readers: { interactive: 1.5 } }, /not 1\.5/],
    [{ readers: { interactive: '2' } }, /not 2/],
    [{ lanes: { urgent: {} } }, /no lane urgent, but user, sync, background/],
    [{ lanes: { user: { capacity: 0 } } }, /lanes\.user\.capacity is a whole number from 1/],
    [{ lanes: { sync: { capacity: Number.POSITIVE_INFINITY } } }, /lanes\.sync\.capacity/],
    [{ lanes: { sync: { sliceMs: -1 } } }, /lanes\.sync\.sliceMs is a number of milliseconds, not -1/],
    [{ lanes: { background: { waitMsMax: Number.NaN } } }, /lanes\.background\.waitMsMax/],
    [{ migrations: [{ set: '', id: 1, name: 'a', sql: '' }] }, /a migration is \{ set, id, name, sql \}/],
    [{ migrations: [{ set: 'a', id: 1, name: 'a' }] }, /a migration is/],
    [
      { migrations: [{ set: 'a', id: 0, name: 'b', sql: '' }] },
      /the id of the migration a\/b is a whole number/,
    ],
  ])('%j are refused, naming what is off', (options, message) => {
    expect(() => resolve(options)).toThrow(
      expect.objectContaining({
        code: 'invalid-argument',
        stage: 'open',
        message: expect.stringMatching(message),
      }),
    )
  })

  it.each([':memory:', '', 'file:a.db?mode=memory'])('a database at %j is refused, with advice', (file) => {
    expect(() => resolve({ file })).toThrow(
      expect.objectContaining({
        code: 'unsupported-location',
        message: expect.stringContaining('name a file in the system’s temporary folder'),
      }),
    )
  })
})
