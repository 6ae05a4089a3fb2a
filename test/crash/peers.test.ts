// Promises 2 and 6 for coalesced work: what a flush acknowledged is there after a kill -9, whatever was under way; what was not
// acknowledged is there whole, row by row, or not at all; and the next run goes on from what it finds.
//
//   reported                   reported †                        nothing of it is stored: it is not even checked
//   gathered                   reported · checked · taken †      nothing of it is stored
//   in flight                  reported · taken · written †      rolled back
//   committed and unanswered   reported · taken · committed †    stored, though nobody was told
import { openDatabase } from '@lockkeeper/core'
import { migrations } from '@lockkeeper/peer-store'
import { childProcess, temporaryFolder } from '@lockkeeper/testkit'
import { expect, it } from 'vitest'
import { addressOf, ids } from './peer-reports.ts'

/** How many peers must, and may, have what the last report said when the process died. */
const points = [
  { point: 'reported', least: 0, most: 0 },
  { point: 'gathered', least: 0, most: 0 },
  { point: 'in flight', least: 0, most: ids.length - 1 },
  { point: 'committed and unanswered', least: 1, most: ids.length },
]
const generationMs = 100_000

async function run(file: string, generation: number, point: string) {
  const last = (generation + 1) * generationMs
  await using child = childProcess(new URL('./peer-child.ts', import.meta.url), {
    args: [file, String(generation * generationMs)],
    env: { CRASH_POINT: point, CRASH_AT: String(last) },
  })
  const exit = await child.exited
  return { exit, told: child.told, last }
}

it('a peer writer is killed at every kind of point, run after run, and loses nothing acknowledged', async () => {
  await using folder = await temporaryFolder()
  const file = folder.file('peers.db')
  let generation = 1
  for (const { point, least, most } of points) {
    const { exit, told, last } = await run(file, generation, point)
    expect(exit.signal, `${point}: ${exit.stderr}`).toBe('SIGKILL')
    expect(told, point).toEqual([generation * generationMs])
    await using db = await openDatabase({ file, migrations })
    const rows = await db.read<{ id: string; at: number; list: string }>(
      `select id, seen_at as at, list from peers join peer_addresses on peer = id`,
    )
    expect(rows.map(({ id }) => id).sort()).toEqual([...ids].sort())
    for (const { at, list } of rows) {
      expect([last, generation * generationMs]).toContain(at)
      expect(JSON.parse(list)).toEqual([addressOf(at)]) // both tables, or neither
    }
    const stored = rows.filter(({ at }) => at === last).length
    expect(stored, point).toBeGreaterThanOrEqual(least)
    expect(stored, point).toBeLessThanOrEqual(most)
    expect(await db.readColumn('select * from pragma_integrity_check')).toEqual(['ok'])
    generation += 2
  }
  const { exit, told, last } = await run(file, generation, 'none')
  expect(exit.code, exit.stderr).toBe(0)
  expect(told).toEqual([generation * generationMs, last])
  await using db = await openDatabase({ file, migrations })
  expect(await db.readColumn('select distinct seen_at from peers')).toEqual([last])
  expect(await db.readColumn('select distinct list from peer_addresses')).toEqual([
    JSON.stringify([addressOf(last)]),
  ])
}, 120_000)
