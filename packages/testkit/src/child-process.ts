import { fork, type ChildProcess as NodeChild } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { FromChild, ToChild } from './child-messages.ts'
import { childErrorTextMax } from './limits.ts'

export interface ChildExit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** The end of what the child said on standard error. */
  readonly stderr: string
}

export interface ChildOptions {
  /** What the child finds in `process.argv` from the third place on. */
  readonly args?: readonly string[] | undefined
  /** Environment variables beside those of the parent. */
  readonly env?: Readonly<Record<string, string>> | undefined
}

/** A running child process. At the end of its scope it is killed, if it still runs, and has gone. */
export interface ChildProcess extends AsyncDisposable {
  readonly pid: number
  /** Everything the child has told so far, oldest first. */
  readonly told: readonly unknown[]
  /** Resolves when the child waits at the point; rejects if it exits before. Each arrival can be waited for once. */
  reached(point: string): Promise<void>
  /** Lets the child go on from a point. */
  pass(point: string): void
  /** Resolves when the child has told at least so many things; rejects if it exits before. */
  toldAtLeast(count: number): Promise<void>
  /** Ends it the hard way, as `kill -9` does. */
  kill(): void
  /** Resolves when it has gone, with all it told received. */
  readonly exited: Promise<ChildExit>
}

/**
 * Runs a module in a process of its own, with which the test talks through named points (`@lockkeeper/testkit/child`).
 *
 * @example
 * await using neighbour = childProcess(new URL('./hold-lock.ts', import.meta.url), { args: [file] })
 * await neighbour.reached('locked')
 * neighbour.pass('locked')
 * const { code } = await neighbour.exited
 */
export function childProcess(module: URL, options: ChildOptions = {}): ChildProcess {
  const child = fork(fileURLToPath(module), options.args ?? [], {
    execArgv: [],
    env: { ...childEnvironment(), ...options.env },
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  return new RunningChild(child)
}

/** Without the test runner's own settings: the child is a program like any other. */
function childEnvironment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, ...rest } = process.env
  return rest
}

interface Waiting {
  readonly holds: () => boolean
  readonly resolve: () => void
  readonly onExit: (exit: ChildExit) => void
}

class RunningChild implements ChildProcess {
  readonly exited: Promise<ChildExit>
  readonly told: unknown[] = []
  readonly #child: NodeChild
  readonly #arrivals = new Map<string, number>()
  #waiting: Waiting[] = []
  #stderr = ''
  #exit: ChildExit | undefined

  constructor(child: NodeChild) {
    this.#child = child
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-childErrorTextMax)
    })
    child.on('message', (message: FromChild) => this.#onMessage(message))
    // 'close' comes after the last output and the last message, 'exit' may come before them.
    this.exited = once(child, 'close').then(([code, signal]) => this.#onExit(code, signal))
  }

  get pid(): number {
    return this.#child.pid as number
  }

  reached(point: string): Promise<void> {
    return this.#wait(() => {
      const arrivals = this.#arrivals.get(point) ?? 0
      if (arrivals > 0) this.#arrivals.set(point, arrivals - 1)
      return arrivals > 0
    }, `reached ${point}`)
  }

  pass(point: string): void {
    this.#child.send({ lockkeeper: 'pass', point } satisfies ToChild)
  }

  toldAtLeast(count: number): Promise<void> {
    return this.#wait(() => this.told.length >= count, `told ${count} things`)
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#exit === undefined) this.kill()
    await this.exited
  }

  #wait(holds: () => boolean, what: string): Promise<void> {
    if (holds()) return Promise.resolve()
    if (this.#exit !== undefined) return Promise.reject(goneBefore(what, this.#exit))
    return new Promise((resolve, reject) => {
      this.#waiting.push({ holds, resolve, onExit: (exit) => reject(goneBefore(what, exit)) })
    })
  }

  #onMessage(message: FromChild): void {
    if (message.lockkeeper === 'told') this.told.push(message.value)
    else this.#arrivals.set(message.point, (this.#arrivals.get(message.point) ?? 0) + 1)
    this.#waiting = this.#waiting.filter(({ holds, resolve }) => {
      const done = holds()
      if (done) resolve()
      return !done
    })
  }

  #onExit(code: number | null, signal: NodeJS.Signals | null): ChildExit {
    const exit: ChildExit = { code, signal, stderr: this.#stderr }
    this.#exit = exit
    for (const { onExit } of this.#waiting) onExit(exit)
    this.#waiting = []
    return exit
  }
}

function goneBefore(what: string, { code, signal, stderr }: ChildExit): Error {
  return new Error(`The child exited (${signal ?? code}) before it ${what}:\n${stderr}`)
}
