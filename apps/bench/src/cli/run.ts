import { constants } from 'node:fs'
import { access, mkdir, stat, writeFile } from 'node:fs/promises'
import { constants as systemConstants } from 'node:os'
import { dirname, resolve } from 'node:path'
import { fullPace, quickPace } from '../limits.ts'
import { makeDataFolder } from '../machine/data-folder.ts'
import { isInMemory } from '../machine/file-system.ts'
import { describeMachine } from '../machine/machine.ts'
import { outcomeOf } from '../report/outcome.ts'
import { formatOutcome } from '../report/tables.ts'
import { rowsOf } from '../statistics/rows.ts'
import { type OnTrial, runSuite } from '../trials/run-suite.ts'
import { BenchRefusedError } from './bench-refused-error.ts'
import { type BenchRequest, readCommandLine } from './command-line.ts'

/**
 * The command, from its words to its exit code: 0 when everything was measured, goals met or not; 1 when a trial failed; 2
 * when the run was refused.
 */
export async function run(words: readonly string[]): Promise<number> {
  const interruption = listenForInterruption()
  try {
    const request = readCommandLine(words)
    if (request.kind === 'information') {
      process.stdout.write(request.text)
      return 0
    }
    return await measure(request, interruption.signal)
  } catch (error) {
    if (interruption.signal.aborted) return 128 + systemConstants.signals[interruption.by ?? 'SIGINT']
    const isRefusal = error instanceof BenchRefusedError
    process.stderr.write(`bench: ${isRefusal ? error.message : (error as Error).stack}\n`)
    return isRefusal ? 2 : 1
  }
}

async function measure(
  { suite, jsonFile, quick, profileFolder }: BenchRequest,
  signal: AbortSignal,
): Promise<number> {
  const obstacle = await suite.obstacle?.()
  if (obstacle !== undefined) throw new BenchRefusedError(`${suite.name} can’t run: ${obstacle}`)
  if (jsonFile !== undefined) await assertWritable(jsonFile)
  if (profileFolder !== undefined) await makeFolder(profileFolder)
  await using dataFolder = await makeDataFolder()
  const machine = await describeMachine(dataFolder.path)
  if (isInMemory(machine.fileSystem)) {
    throw new BenchRefusedError(
      `${dataFolder.path} lies in memory (${machine.fileSystem}), where a commit costs nothing: use a checkout on a disk`,
    )
  }
  const surroundings = {
    pace: quick ? quickPace : fullPace,
    dataFolder: dataFolder.path,
    profileFolder: profileFolder === undefined ? undefined : resolve(profileFolder),
    signal,
  }
  const { samples, failures } = await runSuite(suite, surroundings, showProgress)
  const outcome = outcomeOf(suite, machine, rowsOf(samples))
  process.stdout.write(`${formatOutcome(suite, outcome)}\n`)
  if (jsonFile !== undefined) await writeFile(jsonFile, `${JSON.stringify(outcome, undefined, 2)}\n`)
  for (const failure of failures) {
    process.stderr.write(`bench: ${failure.case}, ${failure.subject} failed: ${failure.message}\n`)
  }
  return failures.length === 0 ? 0 : 1
}

const showProgress: OnTrial = ({ case: inCase, subject, round, done, total }) => {
  const line = `${done + 1}/${total} ${inCase}, ${subject}, round ${round}`
  // On a terminal each line takes the place of the last.
  process.stderr.write(
    process.stderr.isTTY ? `\r\x1b[K${line}${done + 1 === total ? '\n' : ''}` : `${line}\n`,
  )
}

/** Before the minutes of measuring, not after. */
async function assertWritable(file: string): Promise<void> {
  const isFolder = await stat(file).then(
    (found) => found.isDirectory(),
    () => undefined,
  )
  if (isFolder === true) throw new BenchRefusedError(`--json: ${file} is a folder`)
  await access(isFolder === false ? file : dirname(resolve(file)), constants.W_OK).catch((error: Error) => {
    throw new BenchRefusedError(`--json: ${file} can’t be written (${error.message})`)
  })
}

async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true }).catch((error: Error) => {
    throw new BenchRefusedError(`--profile: ${folder} can’t be made (${error.message})`)
  })
}

interface Interruption {
  readonly signal: AbortSignal
  readonly by: NodeJS.Signals | undefined
}

/** The first request to end stops the trial that runs and cleans up; a second one ends the process at once. */
function listenForInterruption(): Interruption {
  const controller = new AbortController()
  let by: NodeJS.Signals | undefined
  const onSignal = (signal: NodeJS.Signals): void => {
    by = signal
    controller.abort()
  }
  process.once('SIGINT', onSignal)
  process.once('SIGTERM', onSignal)
  return {
    signal: controller.signal,
    get by() {
      return by
    },
  }
}
