// Compiles something once: what was built from the same files by the same compiler with the same flags is kept.
import { randomUUID } from 'node:crypto'
import { mkdir, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type Compiler, firstLinesOf } from '../src/compiler.ts'
import { runProgram } from '../src/program.ts'
import { fingerprintOf, isCurrent, writeStamp } from '../src/stamp.ts'
import { compileMsMax } from './limits.ts'

export interface Compilation {
  readonly output: string
  /** All that the compiler is told, but where the output goes. */
  readonly args: readonly string[]
  /** What the outcome depends on, headers included. */
  readonly files: readonly string[]
}

/** @throws Error with the first lines of what the compiler complains of. */
export async function compile(compiler: Compiler, { output, args, files }: Compilation): Promise<void> {
  const command = [...compiler.command, ...args]
  const inputs = await fingerprintOf({ compilerVersion: compiler.version, command, files })
  if (await isCurrent(output, inputs)) return
  const folder = dirname(output)
  await mkdir(folder, { recursive: true })
  const temporary = `${output}.${randomUUID()}`
  try {
    const ended = await runProgram([...command, '-o', temporary], {
      folder,
      environment: process.env,
      runMsMax: compileMsMax,
    })
    if (ended.end === 'not-started') throw new Error(ended.why)
    if (ended.end === 'late') throw new Error(`the compiler did not end within ${compileMsMax} ms`)
    if (ended.code !== 0) throw new Error(`the compiler failed: ${firstLinesOf(ended.stderr)}`)
    await rename(temporary, output)
    await writeStamp(output, inputs, temporary)
  } finally {
    for (const left of [temporary, `${temporary}.stamp`]) await rm(left, { force: true })
  }
}
