import { isLockkeeperError } from '@lockkeeper/core'
import { type Request, readCommandLine } from './command-line.ts'
import { doctorFile } from './doctor-file.ts'
import { doctorReport } from './doctor-report.ts'
import { doctorUrl } from './doctor-url.ts'
import { RefusedError } from './refused-error.ts'
import type { Terminal } from './terminal.ts'

/**
 * The command, from its words to its exit code: 0 whatever it found, 2 for bad input, which is told in one line on standard error,
 * and 1 for a fault of its own.
 *
 * @param words without the program's own name: `['doctor', 'node.db']`.
 */
export async function run(words: readonly string[], terminal: Terminal): Promise<number> {
  try {
    await answer(readCommandLine(words), terminal)
    return 0
  } catch (error) {
    const refusal = isLockkeeperError(error) ? new RefusedError(error.message) : error
    if (refusal instanceof RefusedError) {
      terminal.error(`lockkeeper: ${refusal.message}\n`)
      return 2
    }
    terminal.error(`lockkeeper: ${error instanceof Error ? error.stack : String(error)}\n`)
    return 1
  }
}

async function answer(request: Request, terminal: Terminal): Promise<void> {
  switch (request.kind) {
    case 'information':
      return terminal.out(request.text)
    case 'file':
      return doctorFile(request, terminal)
    case 'report':
      return doctorReport(request, terminal)
    case 'url':
      return doctorUrl(request, terminal)
  }
}
