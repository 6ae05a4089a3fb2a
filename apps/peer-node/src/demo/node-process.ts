import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { open, readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { demoLimits } from './limits.ts'

const program = fileURLToPath(new URL('../main.ts', import.meta.url))

/** What a node says on standard output once it is up. */
export interface ReadyLine {
  readonly ready: true
  readonly http: string
  readonly peerId: string
  readonly multiaddrs: readonly string[]
}

/** A node in a process of its own. */
export class NodeProcess {
  readonly ready: ReadyLine
  readonly #child: ChildProcess
  readonly #logFile: string
  readonly #exit: Promise<number | null>

  private constructor(child: ChildProcess, logFile: string, ready: ReadyLine) {
    this.#child = child
    this.#logFile = logFile
    this.ready = ready
    this.#exit = exitOf(child)
  }

  /**
   * Starts a node and waits until it is up.
   * @param words what follows `peer-node start`.
   * @param logFile takes the node's log.
   * @throws what the node said, if it ends instead; the signal's reason, if that comes first.
   */
  static async start(words: readonly string[], logFile: string, signal: AbortSignal): Promise<NodeProcess> {
    signal.throwIfAborted()
    const log = await open(logFile, 'a')
    // The node ends when the channel does, so that none outlives who started it, however that ends.
    const stdio = ['ignore', 'pipe', log.fd, 'ipc'] as const
    const child = spawn(process.execPath, [program, 'start', ...words], { stdio: [...stdio] })
    await log.close()
    try {
      return new NodeProcess(child, logFile, await readyLine(child, signal))
    } catch (error) {
      await stopChild(child)
      if (signal.aborted) throw signal.reason
      throw new Error(`a node did not start: ${(await lastLines(logFile)) || (error as Error).message}`)
    }
  }

  /** Rejects if the node ends before it is told to. */
  async unexpectedExit(): Promise<never> {
    const code = await this.#exit
    throw new Error(`a node ended by itself with ${code}: ${await lastLines(this.#logFile)}`)
  }

  /** Kills the node, as a crash would. Answers when it is gone. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#exit
  }

  /** Asks the node to end, and after a while makes it. @returns its exit code, null if it had to be killed. */
  stop(): Promise<number | null> {
    return stopChild(this.#child)
  }
}

async function readyLine(child: ChildProcess, signal: AbortSignal): Promise<ReadyLine> {
  if (child.stdout === null) throw new Error('a node without standard output')
  const lines = createInterface({ input: child.stdout })
  const within = AbortSignal.any([signal, AbortSignal.timeout(demoLimits.startMsMax)])
  const line = once(lines, 'line', { signal: within }).then(([first]) => String(first))
  line.catch(() => undefined) // if the exit comes first, this one is late and nobody's
  const exited = exitOf(child).then((code) => {
    throw new Error(`it ended with ${code}`)
  })
  exited.catch(() => undefined)
  return JSON.parse(await Promise.race([line, exited]))
}

async function stopChild(child: ChildProcess): Promise<number | null> {
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), demoLimits.stopMsMax)
  const code = await exitOf(child)
  clearTimeout(timer)
  return code
}

async function exitOf(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
  const [code] = await once(child, 'exit')
  return code
}

async function lastLines(file: string): Promise<string> {
  const lines = (await readFile(file, 'utf8').catch(() => '')).trimEnd().split('\n')
  return lines.slice(-demoLimits.logLines).join('\n')
}
