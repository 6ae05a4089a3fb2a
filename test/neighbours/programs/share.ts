// A process with a Lockkeeper that always has something to write, until it is killed. Each write is a slice, and so a commit.
import { openDatabase, procedures } from '@lockkeeper/core'
import { point, tell } from '@lockkeeper/testkit/child'
import { migrations } from '../notes.ts'

const [file = '', name = '', signals = 'true'] = process.argv.slice(2)
const db = await openDatabase({
  file,
  migrations,
  procedures: {
    slow: procedures<typeof import('./slow-procedures.ts')>(new URL('./slow-procedures.ts', import.meta.url)),
  },
  signals: signals === 'true',
})
await point('open')

async function writeOn(): Promise<never> {
  for (;;) {
    await db.call.slow.addSlowly(name, { lane: 'sync' })
    await tell(db.report().batches)
  }
}

await Promise.all(Array.from({ length: 8 }, writeOn))
