import type { ToReaderThread } from '../threads/messages.ts'
import type { Thread } from '../threads/start.ts'
import type { ReaderThreadEvent } from './seat-desk.ts'

/** A seat's thread, held while there is work for it, and its way to tell its machine the edges of that. */
export class SeatThread {
  /** To the reader's machine. */
  send: ((event: ReaderThreadEvent) => void) | undefined
  #thread: Thread<'reader'> | undefined
  #leased = false

  connect(thread: Thread<'reader'> | undefined): void {
    this.#thread = thread
    this.#leased = false
  }

  post(message: ToReaderThread): void {
    this.#thread?.post(message)
  }

  /** There is work for it: it keeps the process alive. */
  lease(): void {
    if (this.#leased) return
    this.#leased = true
    this.#thread?.hold()
    this.send?.({ type: 'leased' })
  }

  /** There is none any more. */
  rest(): void {
    if (!this.#leased) return
    this.#leased = false
    this.#thread?.release()
    this.send?.({ type: 'returned' })
  }

  leave(): void {
    this.#thread?.hold()
    this.#thread?.post({ type: 'leave' })
  }

  terminate(options: { readonly isBusy: boolean }): void {
    this.#thread?.terminate(options)
  }

  release(): void {
    this.#thread?.release()
  }
}
