import { Command, CommanderError } from 'commander'
import { suiteNamed, suites } from '../suites/registry.ts'
import type { Suite } from '../suites/suite.ts'
import { BenchRefusedError } from './bench-refused-error.ts'

/** What was asked for, every word understood; nothing has been started yet. */
export interface BenchRequest {
  readonly kind: 'bench'
  /** With no other cases than those asked for. */
  readonly suite: Suite
  readonly jsonFile: string | undefined
  readonly quick: boolean
  readonly profileFolder: string | undefined
}

/** A question about the command itself, and its answer. */
export interface InformationRequest {
  readonly kind: 'information'
  readonly text: string
}

interface Flags {
  readonly json?: string
  readonly quick?: true
  readonly only?: readonly string[]
  readonly profile?: string
}

/**
 * Reads the command line, without the program's own name.
 * @throws BenchRefusedError, in one line, for anything that is not understood.
 */
export function readCommandLine(words: readonly string[]): BenchRequest | InformationRequest {
  let request: BenchRequest | undefined
  let output = ''
  const program = new Command('bench')
    .description('Measures Lockkeeper beside its rivals, each trial in a process of its own.')
    .argument('<suite>', `what to measure: ${listOf(suites)}`)
    .option('--json <file>', 'write the figures there as well')
    .option('--quick', 'fewer and shorter trials: to see a trend, not to quote')
    .option('--only <case...>', 'just these cases of the suite')
    .option('--profile <folder>', 'write a CPU profile of every thread of every trial there')
    .exitOverride()
    .showSuggestionAfterError(false)
    .configureOutput({
      writeOut: (text) => {
        output += text
      },
      writeErr: () => {}, // errors come as exceptions; writing them too would make two lines of one
    })
    .action((name: string, flags: Flags) => {
      request = {
        kind: 'bench',
        suite: narrowed(suiteOf(name), flags.only),
        jsonFile: flags.json,
        quick: flags.quick === true,
        profileFolder: flags.profile,
      }
    })
  try {
    program.parse(words, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return { kind: 'information', text: output }
    const [line = ''] = error.message.split('\n')
    throw new BenchRefusedError(`${line.replace(/^error: /, '')}; see bench --help`)
  }
  if (request === undefined) throw new BenchRefusedError('no suite given; see bench --help')
  return request
}

function suiteOf(name: string): Suite {
  const suite = suiteNamed(name)
  if (suite === undefined) {
    throw new BenchRefusedError(`there is no suite ${JSON.stringify(name)} (there is: ${listOf(suites)})`)
  }
  return suite
}

function narrowed(suite: Suite, only: readonly string[] | undefined): Suite {
  if (only === undefined) return suite
  const unknown = only.find((name) => !suite.cases.some((one) => one.name === name))
  if (unknown !== undefined) {
    throw new BenchRefusedError(
      `${suite.name} has no case ${JSON.stringify(unknown)} (there is: ${listOf(suite.cases)})`,
    )
  }
  return { ...suite, cases: suite.cases.filter(({ name }) => only.includes(name)) }
}

function listOf(named: readonly { readonly name: string }[]): string {
  return named.map(({ name }) => name).join(', ')
}
