import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Compiler } from '../src/compiler.ts'
import { type ProgramEnd, runProgram } from '../src/program.ts'
import { buildSuite, type Suite } from './build.ts'
import type { Flavour } from './flavours.ts'
import { suiteMsMax, testSeconds } from './limits.ts'
import { abilityOf } from './probe.ts'
import { sumUp, underValgrind } from './valgrind.ts'

export interface RunOptions {
  readonly valgrind: boolean
  /** Only tests whose sentence or file has this in it. */
  readonly only: string
  /** Per cent of the usual number of rounds. */
  readonly load: number
  readonly seed: number
  /** Shows what tests say that are well. */
  readonly verbose: boolean
}

/** Builds a flavour, runs it and says how it went. Returns false if it went wrong. */
export async function runFlavour(
  compiler: Compiler,
  flavour: Flavour,
  options: RunOptions,
): Promise<boolean> {
  const { name } = flavour
  const ability = await abilityOf(compiler, flavour)
  if (!ability.able) {
    console.log(`${name}: skipped, ${ability.reason}`)
    return true
  }
  let suite: Suite
  try {
    suite = await buildSuite(compiler, flavour)
  } catch (error) {
    console.log(`${name}: not built: ${error instanceof Error ? error.message : String(error)}`)
    return false
  }
  const began = performance.now()
  const { isWell, says } = await runSuite(suite, ability.environment, options)
  const seconds = ((performance.now() - began) / 1_000).toFixed(1)
  const note = ability.without === undefined ? '' : `; ${ability.without}`
  console.log(`${name}: ${says} (${seconds} s${note})`)
  return isWell
}

async function runSuite(
  { program, extension }: Suite,
  environment: Flavour['environment'],
  { valgrind, only, load, seed, verbose }: RunOptions,
): Promise<{ readonly isWell: boolean; readonly says: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'lockkeeper-native-'))
  try {
    const limit = valgrind ? testSeconds.valgrind : testSeconds.usual
    const told = { extension, folder, load, seed, only, limit, verbose: verbose ? 1 : 0 }
    const command = [program, ...Object.entries(told).map(([option, value]) => `--${option}=${value}`)]
    const ended = await runProgram(valgrind ? underValgrind(command, folder) : command, {
      folder,
      environment: { ...process.env, ...environment },
      runMsMax: valgrind ? suiteMsMax * 6 : suiteMsMax,
    })
    const outcome = outcomeOf(ended, verbose)
    return valgrind ? { ...outcome, says: `${outcome.says}; ${await sumUp(folder)}` } : outcome
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function outcomeOf(ended: ProgramEnd, verbose: boolean): { readonly isWell: boolean; readonly says: string } {
  if (ended.end === 'not-started') return { isWell: false, says: ended.why }
  if (ended.end === 'late') return { isWell: false, says: `did not end within ${suiteMsMax} ms` }
  const lines = ended.stdout.trimEnd().split('\n')
  const summary = lines.pop() ?? ''
  const isWell = ended.code === 0
  if (lines.length > 0 && (verbose || !isWell)) console.log(lines.join('\n'))
  if (ended.stderr !== '') console.log(ended.stderr.trimEnd())
  return { isWell, says: isWell ? summary : `${summary} – ended with ${ended.code ?? 'a signal'}` }
}
