import { callsPerStretch, overheadCallers, stretchesWarmUp } from '../../limits-telemetry.ts'
import { spreadOf } from '../../statistics/statistics.ts'
import type { Measurement, Trial } from '../../trials/trial.ts'
import { type Counters, callOften, openPair } from './counters.ts'

interface What {
  readonly kind: 'writes' | 'reads'
  readonly callers: keyof typeof overheadCallers
  /** Whether the database without telemetry is without the signals extension, too. */
  readonly signalsOff: boolean
}

/** An app's labels, as they should be: a few. */
const labels = ['peers.connect', 'blobs.putMany', 'index.add', 'domains.check', 'peers.seen']

/**
 * CPU time of the whole process, all threads, for each call: two databases, one without telemetry and one with it, by turns in one
 * process. Figures are taken of the differences within each pair of stretches.
 */
export function overhead({ kind, callers, signalsOff }: What): Trial {
  return async ({ folder, pace }) => {
    const { off, on } = await openPair(folder, { telemetry: false, signals: !signalsOff })
    assertExtension(on, signalsOff)
    const calls = callsPerStretch[callers]
    const costOf = async (counters: Counters): Promise<number> => {
      const before = process.cpuUsage()
      await callOften(calls, overheadCallers[callers], (call) => {
        const label = labels[call % labels.length]
        return kind === 'writes' ? counters.write(call, label) : counters.read(call, label)
      })
      const { user, system } = process.cpuUsage(before)
      return (user + system) / calls
    }
    const without: number[] = []
    const added: number[] = []
    for (let pair = -stretchesWarmUp; pair < pace.stretches; pair++) {
      // Each comes first every other time: what drifts would else be charged to one of them.
      const first = await costOf(pair % 2 === 0 ? off : on)
      const second = await costOf(pair % 2 === 0 ? on : off)
      const [base, more] = pair % 2 === 0 ? [first, second] : [second, first]
      if (pair < 0) continue
      without.push(base)
      added.push(more - base)
    }
    await Promise.all([off.close(), on.close()])
    return {
      without: micros(spreadOf(without).median),
      added: micros(spreadOf(added).median),
      added_mean: micros(added.reduce((sum, each) => sum + each, 0) / added.length),
    }
  }
}

/** Where the extension is what is turned off, it has to be there. */
function assertExtension({ db }: Counters, isWanted: boolean): void {
  const { waiting, notice } = db.report().signals
  if (isWanted && waiting === 'none') throw new Error(`The extension was not loaded: ${notice}`)
}

function micros(value: number): Measurement {
  return { value, unit: 'µs' }
}
