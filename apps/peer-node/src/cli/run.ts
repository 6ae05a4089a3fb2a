import { pino } from 'pino'
import { stopMsMax } from '../limits.ts'
import type { PeerNode } from '../node/peer-node.ts'
import { startNode } from '../node/start-node.ts'
import { readCommandLine } from './command-line.ts'
import { StartRefusedError } from './start-refused-error.ts'

/**
 * The command, from its words to its exit code: 0 for an end that was asked for, 1 for one that was not, 2 for a start that
 * was refused.
 */
export async function run(words: readonly string[]): Promise<number> {
  const interrupted = interruption()
  try {
    const request = readCommandLine(words)
    if (request.kind === 'information') {
      process.stdout.write(request.text)
      return 0
    }
    const log = pino(
      { base: null, timestamp: pino.stdTimeFunctions.isoTime },
      pino.destination({ dest: 2, sync: true }),
    )
    const node = await startNode(request, log)
    announce(node)
    log.info({ http: node.url, peerId: node.peerId, multiaddrs: node.multiaddrs }, 'ready')
    const signal = await interrupted
    log.info({ signal }, 'stopping')
    const notWritten = await stopInTime(node)
    if (notWritten === 0) log.info('stopped')
    else log.error({ notWritten, reason: 'the store could not take them' }, 'stopped without writing all')
    return notWritten === 0 ? 0 : 1
  } catch (error) {
    if (error instanceof StartRefusedError) {
      process.stderr.write(`peer-node: ${error.message}\n`)
      return 2
    }
    process.stderr.write(`peer-node: ${(error as Error).stack}\n`)
    return 1
  }
}

/** One line for programs that start a node, on standard output; for people, what to open and what to dial. */
function announce(node: PeerNode): void {
  const { url: http, peerId, multiaddrs } = node
  process.stdout.write(`${JSON.stringify({ ready: true, http, peerId, multiaddrs })}\n`)
  if (!process.stderr.isTTY) return
  process.stderr.write(`\n  open  ${http}\n${multiaddrs.map((address) => `  dial  ${address}\n`).join('')}\n`)
}

/**
 * The first request to end: a signal, or the end of a program that started us with a channel to it. A second signal ends the
 * process at once, as it would without us.
 */
function interruption(): Promise<string> {
  return new Promise((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, resolve)
    process.once('disconnect', () => resolve('disconnect'))
  })
}

async function stopInTime(node: PeerNode): Promise<number> {
  const timer = setTimeout(() => {
    process.stderr.write(`peer-node: not stopped after ${stopMsMax} ms\n`)
    process.exit(1)
  }, stopMsMax)
  const notWritten = await node.stop()
  clearTimeout(timer)
  return notWritten
}
