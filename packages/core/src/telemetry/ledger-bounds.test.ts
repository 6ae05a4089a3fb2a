// Issue 8: the memory of the ledger is bounded, and is what the report and the docs say.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { pendingWrite } from '../../fixtures/pending-writes.ts'
import { laneNames } from '../mailbox/lane-name.ts'
import { PendingRead } from '../readers/pending-read.ts'
import { readClasses } from '../readers/read-class.ts'
import { Ledger } from './ledger.ts'
import { SlowLog } from './slow-log.ts'

const none = { count: 0, totalMs: 0, p50Ms: 0, p90Ms: 0, p99Ms: 0, maxMs: 0 }

it('takes 6 MB at most, with every row, histogram and slow entry that it may have', () => {
  const ledger = new Ledger({ now: () => 1_000 }, { slowMs: 100, values: true })
  const values = Array.from({ length: 60 }, () => 'v'.repeat(1_000))
  for (let n = 0; n < 500; n++) {
    const [sql, label] = [`${n} ${'x'.repeat(10_000)}`, `label ${n}`]
    for (const lane of laneNames) {
      const write = pendingWrite({ lane, label, work: { kind: 'statement', sql, parameters: values } })
      const row = ledger.writes.entered(write)
      write.beginWaitMs = 1
      row.hold.record(1)
      row.ended(write, true)
      ledger.slow.write(write, 1, 200, 1)
      ledger.slow.begin(write, 200)
    }
    for (const to of readClasses) {
      const read = new PendingRead({
        work: { kind: 'query', sql, parameters: values, shape: 'objects' },
        label,
        answer: () => {},
        fail: () => {},
      })
      ledger.reads.entered(read, to)
      ledger.reads.ended(read, 'answered')
      ledger.reads.ran(read, 200, 1)
    }
  }
  const { bytes, writes, reads, slow } = ledger.report({ planOf: () => undefined, eventLoop: none })
  console.info(`A ledger that is full takes ${bytes} bytes`)
  expect([writes.length, reads.length, slow.length]).toEqual([103, 102, 150])
  expect(bytes).toBeLessThan(6e6)
})

it('lets go of what it has cut off: of fifty statements and values of a megabyte next to nothing stays', () => {
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  const log = new SlowLog({ slowMs: 100, values: true })
  const megabyte = 'x'.repeat(1_000_000)
  collect()
  const before = process.memoryUsage().heapUsed
  for (let n = 0; n < 50; n++) {
    const parameters = [`${n} value ${megabyte}`]
    log.write(pendingWrite({ work: { kind: 'statement', sql: `${n} ${megabyte}`, parameters } }), 0, 200, 1)
  }
  collect()
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(20e6)
  expect(log.report(() => undefined)[49]).toMatchObject({
    sql: expect.stringMatching(/^49 x{3997}$/),
    parameters: [expect.stringMatching(/^"49 value x{90}…$/)],
  })
})
