import { errorFromThrown } from '../errors/from-sqlite.ts'
import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { type ErrorWire, errorToWire } from '../errors/wire.ts'
import { readsTurnMs, readTriesMax } from '../limits.ts'
import { buffersOf } from '../wire/rows.ts'
import { type AnswersMessage, ReadAnswers, transfersOf } from './answers-message.ts'
import { type ReadsMessage, readAt } from './reads-message.ts'
import { type ChunkMessage, RowStream, type StreamMessage } from './row-stream.ts'
import { passes, type ReaderParts, runRead } from './run-read.ts'

/** What a reader is asked to do. */
export type ToReader =
  | ReadsMessage
  /** Begins a snapshot: until its end all reads see one state. */
  | { readonly type: 'begin' }
  | { readonly type: 'end' }
  | StreamMessage
  /** The stream's next chunk is wanted. */
  | { readonly type: 'more' }
  /** Nobody wants more of the stream. */
  | { readonly type: 'stop' }

export type FromReader =
  | AnswersMessage
  | {
      readonly type: 'begun'
      readonly error: ErrorWire | undefined
      readonly busy: Readonly<Record<string, number>>
    }
  | { readonly type: 'ended' }
  | ChunkMessage

/** A reader inside its thread: runs reads, and holds the snapshot or the stream that it is lent for. */
export class ThreadReader {
  readonly #parts: ReaderParts
  readonly #post: (message: FromReader, transfer?: ArrayBuffer[]) => void
  #inSnapshot = false
  #stream: RowStream | undefined

  constructor(parts: ReaderParts, post: (message: FromReader, transfer?: ArrayBuffer[]) => void) {
    this.#parts = parts
    this.#post = post
  }

  take(message: ToReader): void {
    switch (message.type) {
      case 'reads':
        this.#run(message)
        break
      case 'begin':
        this.#begin()
        break
      case 'end':
        this.#end()
        break
      case 'stream':
        this.#stream = new RowStream(this.#parts, message)
        this.#sendChunk()
        break
      case 'more':
        this.#sendChunk()
        break
      case 'stop':
        this.#stream?.close()
        this.#stream = undefined
        this.#post({ type: 'ended' })
    }
    // A connection must come back clean (promise 9). One that doesn't takes its thread down, and is replaced.
    if (this.#isDirty) throw new Error('A read left its transaction open')
  }

  /** The connection is about to close. */
  close(): void {
    this.#stream?.close()
  }

  /** In turn, for as long as a small read may wait for those before it in the message; the rest is handed back. */
  #run(message: ReadsMessage): void {
    const reads = message.payloads.length
    const answers = new ReadAnswers(message.first, reads)
    let now = performance.now()
    const endsAt = now + readsTurnMs
    let leaked = false
    for (let at = 0; at < reads && !leaked; at++) {
      const work = readAt(message, at)
      if (this.#hasLostState) answers.add({ kind: 'error', error: errorToWire(lostState()) })
      else if (!runRead(this.#parts, message.first + at, work, answers)) break
      const before = now
      now = performance.now()
      answers.took(now - before)
      // Only a procedure opens a transaction. Whoever is behind it is not to be answered out of an old state.
      leaked = work.kind === 'procedure' && this.#isDirty
      if (now >= endsAt) break
    }
    this.#reply(leaked ? { ...answers.finish(), leaked } : answers.finish())
  }

  /** SQLite ends a transaction by itself on some errors; what a snapshot reads after that would be of another state. */
  get #hasLostState(): boolean {
    return this.#inSnapshot && !this.#parts.connection.inTransaction
  }

  get #isDirty(): boolean {
    return !this.#inSnapshot && this.#parts.connection.inTransaction
  }

  #reply(answers: AnswersMessage): void {
    try {
      this.#post(answers, transfersOf(answers))
    } catch {
      // One output that can't be cloned must not cost its neighbours their answers. The rows’ buffers have not been given away.
      this.#post({ ...answers, others: answers.others.map(clonable) }, transfersOf(answers))
    }
  }

  /** A deferred BEGIN fixes nothing yet: the first read does, and so comes at once (https://www.sqlite.org/lang_transaction.html). */
  #begin(): void {
    const { connection } = this.#parts
    const busy: Record<string, number> = {}
    let error: ErrorWire | undefined
    for (let tries = 1; ; tries++) {
      try {
        connection.prepareOwn('begin').run(undefined)
        connection.prepareOwn('select 1 from sqlite_schema').firstArray(undefined)
        this.#inSnapshot = true
        break
      } catch (thrown) {
        if (connection.inTransaction) connection.prepareOwn('rollback').run(undefined)
        if (passes(thrown, busy) && tries < readTriesMax) continue
        error = errorToWire(errorFromThrown(thrown, { stage: 'read' }))
        break
      }
    }
    this.#post({ type: 'begun', error, busy })
  }

  #end(): void {
    this.#inSnapshot = false
    const { connection } = this.#parts
    if (connection.inTransaction) connection.prepareOwn('rollback').run(undefined)
    this.#post({ type: 'ended' })
  }

  #sendChunk(): void {
    const chunk = this.#stream?.next()
    if (chunk === undefined) return
    if (chunk.done) this.#stream = undefined
    this.#post(chunk, chunk.rows === undefined ? [] : buffersOf(chunk.rows))
  }
}

function lostState(): LockkeeperError {
  return new LockkeeperError(
    'An error has ended the transaction of this snapshot, and its state is gone: begin another snapshot',
    { code: 'transaction-ended', stage: 'read', retryable: true },
  )
}

type Other = AnswersMessage['others'][number]

function clonable(entry: Other): Other {
  try {
    structuredClone(entry[1])
    return entry
  } catch (cause) {
    const error = new LockkeeperError(
      'The procedure’s result cannot be sent to the app’s thread: return plain values, arrays, objects and bytes',
      { code: 'invalid-argument', stage: 'read', cause },
    )
    return [entry[0], { kind: 'error', error: errorToWire(error) }]
  }
}
