import { decode, encode } from '@ipld/dag-cbor'
import type { Stream } from '@libp2p/interface'
import { type LengthPrefixedStream, lpStream } from '@libp2p/utils'

export interface ChannelLimits {
  /** The largest message taken. */
  readonly messageBytesMax: number
  /** What may lie unread; a peer that sends more loses its stream. */
  readonly bufferBytesMax: number
  /** How long one message may take, to send or to come. */
  readonly messageMsMax: number
}

/** What came in was no message: too large, or not dag-cbor. */
export class MessageMalformedError extends Error {
  override readonly name = 'MessageMalformedError'
}

/** The peer closed its side where a message might have begun. */
export class ChannelEndedError extends Error {
  override readonly name = 'ChannelEndedError'
}

/**
 * Messages over a libp2p stream: each one dag-cbor, with its length before it. Every wait has a deadline; the signal given
 * to the constructor ends them all.
 */
export class MessageChannel {
  readonly #stream: Stream
  readonly #messages: LengthPrefixedStream
  readonly #limits: ChannelLimits
  readonly #signal: AbortSignal

  constructor(stream: Stream, limits: ChannelLimits, signal: AbortSignal) {
    this.#stream = stream
    this.#limits = limits
    this.#signal = signal
    this.#messages = lpStream(stream, {
      maxDataLength: limits.messageBytesMax,
      maxBufferSize: limits.bufferBytesMax,
    })
  }

  /** Sends a message; waits while the peer does not take what was sent before. */
  async send(message: unknown): Promise<void> {
    await this.#messages.write(encode(message), { signal: this.#deadline(this.#limits.messageMsMax) })
  }

  /**
   * The next message.
   * @param msMax how long to wait, if not as long as for any message.
   * @throws ChannelEndedError, MessageMalformedError, a TimeoutError, or what broke the stream.
   */
  async receive(msMax = this.#limits.messageMsMax): Promise<unknown> {
    let bytes: Uint8Array
    try {
      bytes = (await this.#messages.read({ signal: this.#deadline(msMax) })).subarray()
    } catch (error) {
      throw explain(error)
    }
    try {
      return decode(bytes)
    } catch (error) {
      throw new MessageMalformedError('a message was not dag-cbor', { cause: error })
    }
  }

  /** Ends the channel in good order. */
  async close(): Promise<void> {
    await this.#stream.close({ signal: this.#deadline(this.#limits.messageMsMax) }).catch((error: Error) => {
      this.abort(error)
    })
  }

  /** Ends the channel at once. */
  abort(error: Error): void {
    this.#stream.abort(error)
  }

  #deadline(ms: number): AbortSignal {
    return AbortSignal.any([this.#signal, AbortSignal.timeout(Math.max(0, Math.ceil(ms)))])
  }
}

const malformedNames = new Set([
  'InvalidDataLengthError',
  'InvalidDataLengthLengthError',
  'InvalidMessageLengthError',
])

function explain(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  if (malformedNames.has(error.name)) return new MessageMalformedError(error.message, { cause: error })
  if (error.name === 'UnexpectedEOFError')
    return new ChannelEndedError('the peer closed the stream', { cause: error })
  return error
}
