import { closeSync, openSync, readSync, writeSync } from 'node:fs'
import { constants } from 'node:os'

/** The kinds of system calls and of files that can be made to fail, in the order of native/faults.c. */
export const calls = 'read write sync truncate open lock map unlink close stat'.split(' ')
export const files = ['database', 'log', 'index', 'journal', 'folder']

export interface InjectedFault {
  readonly call: string
  readonly file: string
  /** Calls that pass first. */
  readonly passing: number
  /** Whether it fails until it is lifted, or once. */
  readonly lasts: boolean
  readonly error: 'EIO' | 'ENOSPC' | 'EROFS'
}

/** The words through which a test tells the preloaded library what is to fail. */
export class FaultControl implements Disposable {
  readonly #fd: number

  /** Makes the file, which the program to be tested maps when it starts. */
  constructor(path: string) {
    this.#fd = openSync(path, 'a+')
    closeSync(this.#fd)
    this.#fd = openSync(path, 'r+')
    this.lift()
  }

  arm({ call, file, passing, lasts, error }: InjectedFault): void {
    const words = [calls.indexOf(call), files.indexOf(file) + 1, passing, lasts ? -1 : 1]
    this.#write(1, [...words, constants.errno[error], 0])
    this.#write(0, [1])
  }

  lift(): void {
    this.#write(0, [0, 0, 0, 0, 0, 0, this.injected])
  }

  /** How many calls have failed since it was armed. */
  get injected(): number {
    const word = Buffer.alloc(4)
    return readSync(this.#fd, word, 0, 4, 24) === 4 ? word.readInt32LE() : 0
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd)
  }

  #write(at: number, words: readonly number[]): void {
    writeSync(this.#fd, Buffer.from(Int32Array.from(words).buffer), 0, words.length * 4, at * 4)
  }
}
