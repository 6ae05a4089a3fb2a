import { setTimeout as delay } from 'node:timers/promises'
import { monotonicMs } from '../../measure/monotonic.ts'
import { endWithParent, heard, orderOf, say, sayLast } from '../../processes/in-side-process.ts'
import { openBench } from '../../subjects/lockkeeper.ts'
import { loads } from './loads.ts'
import type { SharerAnswer, SharerOrder, ShareWindow } from './share.ts'

endWithParent()
const { folder, load: name, signals } = orderOf() as SharerOrder
const db = await openBench(folder, { signals })
if (signals && db.report().signals.waiting !== 'futex' && db.report().signals.waiting !== 'polling')
  throw new Error(`Releases wake nobody here: ${db.report().signals.notice}`)

const told = heard()
say('ready')
const { opensAtMs, shutsAtMs } = (await told) as ShareWindow
const load = loads[name](db)
await delay(opensAtMs - monotonicMs())
const before = db.report().batches
await delay(shutsAtMs - monotonicMs())
const commits = db.report().batches - before
await load.stop()
await db.close({ deadlineMs: 0 })
sayLast({ commits, rows: load.acknowledged } satisfies SharerAnswer)
