import { spawn } from 'node:child_process'
import { programTextMax } from './limits.ts'

/** How a program came to its end. */
export type ProgramEnd =
  | { readonly end: 'exit'; readonly code: number | null; readonly stdout: string; readonly stderr: string }
  | { readonly end: 'late' }
  | { readonly end: 'not-started'; readonly why: string }

export interface ProgramOptions {
  readonly folder: string
  readonly environment: NodeJS.ProcessEnv
  readonly runMsMax: number
}

/**
 * Runs a program to its end, without a shell between. One that takes too long is killed. It never rejects.
 *
 * @param command The program, and what it is told.
 */
export function runProgram(
  [file = '', ...args]: readonly string[],
  { folder, environment, runMsMax }: ProgramOptions,
): Promise<ProgramEnd> {
  return new Promise((resolve) => {
    // One language for what a compiler says, whatever the person's: it goes into reasons and logs.
    const env = { ...environment, LC_ALL: 'C' }
    const child = spawn(file, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
    const stdout = firstOf(child.stdout)
    const stderr = firstOf(child.stderr)
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      // What it has started itself may live on and hold the pipes: nobody waits for that.
      child.stdout.destroy()
      child.stderr.destroy()
      resolve({ end: 'late' })
    }, runMsMax)
    child.once('error', (error) => {
      clearTimeout(timer)
      resolve({ end: 'not-started', why: error.message })
    })
    child.once('close', (code) => {
      clearTimeout(timer)
      resolve({ end: 'exit', code, stdout: stdout(), stderr: stderr() })
    })
  })
}

/** Reads a stream to its end and keeps the beginning. */
function firstOf(stream: NodeJS.ReadableStream): () => string {
  let text = ''
  stream.setEncoding('utf8')
  stream.on('data', (more: string) => {
    if (text.length < programTextMax) text = (text + more).slice(0, programTextMax)
  })
  return () => text
}
