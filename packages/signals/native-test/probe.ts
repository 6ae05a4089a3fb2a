// What this compiler and this system can do, found out with a program of one line.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Compiler, firstLinesOf } from '../src/compiler.ts'
import { runProgram } from '../src/program.ts'
import type { Flavour } from './flavours.ts'
import { probeMsMax } from './limits.ts'

export type Ability =
  /** With what the tests are to run in; less than the flavour asks for if leaks can't be looked for here. */
  | { readonly able: true; readonly environment: Flavour['environment']; readonly without?: string }
  | { readonly able: false; readonly reason: string }

/** Whether the flavour's programs can be built and run here: a sanitizer's library may be missing, or its memory taken. */
export async function abilityOf(compiler: Compiler, flavour: Flavour): Promise<Ability> {
  const folder = await mkdtemp(join(tmpdir(), 'lockkeeper-probe-'))
  try {
    const source = join(folder, 'probe.c')
    const program = join(folder, 'probe')
    await writeFile(source, 'int main(void) { return 0; }\n')
    const fault = await faultOf([...compiler.command, ...flavour.flags, source, '-o', program], {}, folder)
    if (fault !== undefined) return { able: false, reason: `the compiler can't: ${fault}` }
    const { environment } = flavour
    const running = await faultOf([program], environment, folder)
    if (running === undefined) return { able: true, environment }
    const lenient = withoutLeaks(environment)
    if (lenient !== undefined && (await faultOf([program], lenient, folder)) === undefined) {
      return { able: true, environment: lenient, without: 'leaks can’t be looked for here' }
    }
    return { able: false, reason: `its programs don't run here: ${running}` }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Leaks are looked for by a tracer, which some containers forbid, and some systems don't have. */
function withoutLeaks(environment: Flavour['environment']): Flavour['environment'] | undefined {
  const options = environment.ASAN_OPTIONS
  if (options === undefined) return undefined
  return { ...environment, ASAN_OPTIONS: options.replace('detect_leaks=1', 'detect_leaks=0') }
}

async function faultOf(
  command: readonly string[],
  environment: Flavour['environment'],
  folder: string,
): Promise<string | undefined> {
  const ended = await runProgram(command, {
    folder,
    environment: { ...process.env, ...environment },
    runMsMax: probeMsMax,
  })
  if (ended.end === 'not-started') return ended.why
  if (ended.end === 'late') return `it did not end within ${probeMsMax} ms`
  return ended.code === 0 ? undefined : firstLinesOf(ended.stderr)
}
