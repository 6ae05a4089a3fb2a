import { monotonicMs } from '../../measure/monotonic.ts'
import { endWithParent, heard, orderOf, say, sayLast } from '../../processes/in-side-process.ts'
import { inTurn, makeTexts } from '../../subjects/bodies.ts'
import { insertText } from '../../subjects/schema.ts'
import type { Waited, WaiterOrder } from './cpu.ts'
import { openWaiting } from './waiting.ts'

endWithParent()
const { folder, waiting } = orderOf() as WaiterOrder
const database = await openWaiting(folder, waiting)
const begin = database.prepare('begin immediate')
const insert = database.prepare(insertText)
const body = inTurn(makeTexts())

let told = heard()
say('ready')
while (((await told) as { wait: boolean }).wait) {
  const waited = waitOnce()
  insert.run(body())
  database.exec('commit')
  told = heard()
  say(waited)
}
database.close()
sayLast('closed')

function waitOnce(): Waited {
  const startedAtMs = monotonicMs()
  const before = process.cpuUsage()
  begin.run()
  const { user, system } = process.cpuUsage(before)
  return { cpuMs: (user + system) / 1_000, waitedMs: monotonicMs() - startedAtMs }
}
