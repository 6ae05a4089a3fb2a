import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { leftoverTries, type Pace, profileEveryMicros, trialMsMax } from '../limits.ts'
import type { TrialName } from '../suites/registry.ts'
import type { Measurements, TrialSettings } from './trial.ts'

const entry = fileURLToPath(new URL('./trial-process.ts', import.meta.url))

/** What a trial's process is started with. */
export interface TrialOrder extends TrialName {
  readonly settings: TrialSettings
}

/** What it says before it ends. */
export type TrialAnswer = { readonly measurements: Measurements } | { readonly failure: string }

export interface TrialSurroundings {
  readonly pace: Pace
  /** Where each trial makes its own folder, for as long as it lives. */
  readonly dataFolder: string
  /** Takes a CPU profile of every thread of every trial, if named. */
  readonly profileFolder?: string | undefined
  /** Ends the trial that runs. */
  readonly signal: AbortSignal
}

/**
 * Runs one trial in a fresh process, on this process's own Node, and waits until it has ended.
 * @throws Error if it failed, ended without an answer or did not end; the signal's reason if that came first.
 */
export async function runTrial(
  name: TrialName,
  { pace, dataFolder, profileFolder, signal }: TrialSurroundings,
): Promise<Measurements> {
  const folder = await mkdtemp(join(dataFolder, 'trial-'))
  try {
    const answer = await answerOf(
      { ...name, settings: { folder, pace, sharedFolder: sharedFolderIn(dataFolder) } },
      profileFolder,
      signal,
    )
    if ('failure' in answer) throw new Error(answer.failure)
    return answer.measurements
  } finally {
    // A trial that was killed may have left processes, which end on their own a moment later and write until then.
    await rm(folder, { recursive: true, maxRetries: leftoverTries })
  }
}

/** Where a suite prepares what its trials share. */
export function sharedFolderIn(dataFolder: string): string {
  return join(dataFolder, 'shared')
}

async function answerOf(
  order: TrialOrder,
  profileFolder: string | undefined,
  signal: AbortSignal,
): Promise<TrialAnswer> {
  signal.throwIfAborted() // from here to the listener nothing waits, so that no abort is missed
  const profiling =
    profileFolder === undefined
      ? []
      : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`, `--cpu-prof-interval=${profileEveryMicros}`]
  const child = fork(entry, [JSON.stringify(order)], {
    execArgv: ['--expose-gc', ...profiling],
    // Standard output is for results.
    stdio: ['ignore', 2, 2, 'ipc'],
  })
  const kill = (): boolean => child.kill('SIGKILL')
  const timer = setTimeout(kill, trialMsMax)
  signal.addEventListener('abort', kill, { once: true })
  let answer: TrialAnswer | undefined
  child.on('message', (message: TrialAnswer) => {
    answer = message
  })
  try {
    const [code, killedBy] = await once(child, 'exit')
    signal.throwIfAborted()
    if (killedBy !== null) return { failure: `it was ended by ${killedBy} (the limit is ${trialMsMax} ms)` }
    return answer ?? { failure: `it ended with exit code ${code} and no answer` }
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', kill)
  }
}
