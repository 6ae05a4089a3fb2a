// No queue lives in a machine's context: a snapshot stays small however much work waits (promise 6 rests on it).
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Database, openDatabase } from '@lockkeeper/core'
import { expect, it } from 'vitest'

it('shows depths, not writes, in every snapshot while a thousand writes wait', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lockkeeper-'))
  let longest = 0
  let deepest = 0
  let db: Database | undefined
  db = await openDatabase({
    file: join(folder, 'a.db'),
    migrations: [{ set: 'test', id: 1, name: 'notes', sql: 'create table notes (body text) strict' }],
    inspect: (event) => {
      if (event.type !== '@xstate.snapshot') return
      const { context } = event.snapshot as { context?: object }
      if (context === undefined) return
      longest = Math.max(longest, Buffer.byteLength(JSON.stringify(context, withoutActors)))
      deepest = Math.max(deepest, db?.report().lanes.user.depth ?? 0)
    },
  })
  try {
    const body = 'a body that would be seen '.repeat(40)
    await Promise.all(Array.from({ length: 3_000 }, () => db?.write('insert into notes values (?)', [body])))
    expect(deepest).toBeGreaterThan(1_000)
    expect(longest).toBeGreaterThan(0)
    expect(longest).toBeLessThan(2_000)
  } finally {
    await db?.close()
    rmSync(folder, { recursive: true })
  }
})

/** References to other actors are links of the system, not contents of a context. */
function withoutActors(_: string, value: unknown): unknown {
  const isActor = typeof value === 'object' && value !== null && 'sessionId' in value && 'send' in value
  return isActor ? '(actor)' : value
}
