import { StartRefusedError } from '../cli/start-refused-error.ts'
import { runDemo } from './demo.ts'
import { readDemoOptions } from './options.ts'

process.exitCode = await main(process.argv.slice(2))

/** @returns the exit code: 0 if both nodes hold the same, 1 if not, 2 for words that are not understood. */
async function main(words: readonly string[]): Promise<number> {
  const interrupted = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => interrupted.abort(new Error('interrupted')))
  }
  try {
    const options = await readDemoOptions(words)
    if (typeof options === 'string') {
      process.stdout.write(options)
      return 0
    }
    const result = await runDemo(options, interrupted.signal)
    if (result === undefined) return 0
    process.stdout.write(`${JSON.stringify(result)}\n`)
    return result.identical ? 0 : 1
  } catch (error) {
    if (interrupted.signal.aborted) return 130
    process.stderr.write(`demo: ${(error as Error).message}\n`)
    return error instanceof StartRefusedError ? 2 : 1
  }
}
