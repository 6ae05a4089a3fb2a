import { locateSignals, Signals } from '@lockkeeper/signals'
import { endWithParent, sayLast } from '../../processes/in-side-process.ts'
import type { ProbeAnswer } from './obstacle.ts'

endWithParent()
const answer: ProbeAnswer = { obstacle: await obstacle() }
sayLast(answer)

/** A file that is there may still not load. */
async function obstacle(): Promise<string | undefined> {
  const location = locateSignals()
  if (location.path === undefined) return location.reason
  const { openMemory } = await import('../../rivals/raw-connection.ts')
  const database = openMemory()
  try {
    Signals.load(database, location.path)
    return undefined
  } catch (error) {
    return (error as Error).message.replaceAll('\n', ' ')
  } finally {
    database.close()
  }
}
