import { memoryCalls, overheadCallers } from '../../limits-telemetry.ts'
import type { Measurement, Trial } from '../../trials/trial.ts'
import { type Counters, callOften, openPair } from './counters.ts'

/**
 * What the ledger says that it takes, and what the process grows by beyond a database without one, after the same writes and reads
 * under so many labels.
 */
export function ledgerMemory(labels: number): Trial {
  return async ({ folder }) => {
    const { off, on } = await openPair(folder, { telemetry: false })
    const withoutBytes = await grownBy(off, labels)
    const withBytes = await grownBy(on, labels)
    const { ledger } = on.db.report()
    if (ledger === undefined) throw new Error('The database kept no ledger')
    await Promise.all([off.close(), on.close()])
    return {
      ledger: mebibytes(ledger.bytes),
      grown: mebibytes(withBytes - withoutBytes),
      write_rows: { value: ledger.writes.length, unit: 'count' },
      read_rows: { value: ledger.reads.length, unit: 'count' },
    }
  }
}

async function grownBy(counters: Counters, labels: number): Promise<number> {
  const before = bytesInUse()
  await callOften(memoryCalls, overheadCallers.busy, async (call) => {
    const label = `peers.connect:${call % labels}`
    await counters.write(call, label)
    await counters.read(call, label)
  })
  return bytesInUse() - before
}

function bytesInUse(): number {
  if (globalThis.gc === undefined) throw new Error('Memory is counted under --expose-gc only')
  globalThis.gc()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

function mebibytes(bytes: number): Measurement {
  return { value: bytes / 1_048_576, unit: 'MiB' }
}
