// Promises 2, 3 and 13 for coalesced work: what was acknowledged is there after kill -9, and a batch is there whole or not at all.
//
//   gathered                    sightings at 2 are held, none is flushed †
//   in flight                   the flush has written half of its rows †
//   committed and unanswered    the flush is committed, nobody has been told †

import { openDatabase } from '@lockkeeper/core'
import { childProcess, temporaryFolder } from '@lockkeeper/testkit'
import { describe, expect, it } from 'vitest'

const peers = 200

async function run(file: string, crashPoint: string) {
  await using child = childProcess(new URL('./coalescing-child.ts', import.meta.url), {
    args: [file, String(peers)],
    env: { CRASH_POINT: crashPoint },
  })
  const exit = await child.exited
  return { exit, told: child.told }
}

async function timesOf(file: string): Promise<number[]> {
  await using db = await openDatabase({ file })
  expect(await db.readColumn('select * from pragma_integrity_check')).toEqual(['ok'])
  expect(await db.readValue("select count(*) from sightings where peer like 'p%'")).toBe(peers)
  return await db.readColumn<number>("select distinct at from sightings where peer like 'p%'")
}

describe('a process that is killed', () => {
  it.each([
    ['gathered', [1]],
    ['in flight', [1]],
    ['committed and unanswered', [2]],
  ])(
    'with its values %s keeps all that it acknowledged, and of the rest all or nothing',
    async (point, times) => {
      await using folder = await temporaryFolder()
      const file = folder.file('peers.db')
      const { exit, told } = await run(file, point)
      expect(exit.signal, exit.stderr).toBe('SIGKILL')
      expect(told).toEqual([{ at: 1, acknowledged: peers }])
      expect(await timesOf(file)).toEqual(times)
    },
  )

  it('and started again stores what it is told again, and counts what it drops', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('peers.db')
    await run(file, 'in flight')
    const { exit, told } = await run(file, '')
    expect(exit.code, exit.stderr).toBe(0)
    expect(told).toEqual([
      { at: 1, acknowledged: peers },
      { at: 2, acknowledged: peers },
      { drops: { 'sightings.small': { 'queue-full': 3 } }, stored: 2 },
    ])
    expect(await timesOf(file)).toEqual([2])
  })
})
