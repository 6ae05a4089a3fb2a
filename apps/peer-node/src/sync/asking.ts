import { setImmediate as eventLoopTurn } from 'node:timers/promises'
import {
  type Blob,
  BlobRefusedError,
  compareCids,
  type VerifiedBlob,
  verifyBlob,
} from '@lockkeeper/peer-store'
import { blobBytesMax, syncLimits } from '../limits.ts'
import type { MessageChannel } from '../network/message-channel.ts'
import {
  type ChangesResponse,
  type ListResponse,
  type Position,
  ProtocolViolationError,
  parseResponse,
  type Request,
  type Response,
} from './protocol.ts'

/** What came of a want. Names in none of the lists did not fit and can be wanted again. */
export interface Fetched {
  readonly blobs: readonly VerifiedBlob[]
  /** Blobs that came and failed a check, by name. */
  readonly refused: readonly string[]
  /** Names the peer does not have after all. */
  readonly absent: readonly string[]
  /** What broke the answer off; what came before is good, and the channel is not. */
  readonly failure?: Error
}

interface Received {
  readonly blobs: VerifiedBlob[]
  readonly refused: string[]
}

/** Asks a peer, and believes nothing it says before it is checked. */
export class Asker {
  readonly #channel: MessageChannel
  readonly #answerMsMax: number
  readonly #verify: (blob: Blob) => VerifiedBlob

  /**
   * @param answerMsMax how long the whole answer to a want may take.
   * @param verify checks what comes; a store's own counts what it refuses by reason.
   */
  constructor(
    channel: MessageChannel,
    answerMsMax: number = syncLimits.answerMsMax,
    verify: (blob: Blob) => VerifiedBlob = verifyBlob,
  ) {
    this.#channel = channel
    this.#answerMsMax = answerMsMax
    this.#verify = verify
  }

  /** A page of the peer's names after one, in order; an empty page is the end. */
  async list(after: string | null): Promise<ListResponse> {
    const page = await this.#ask({ type: 'list', after })
    if (page.type !== 'list') throw unexpected(page)
    let last = after
    for (const cid of page.cids) {
      if (last !== null && compareCids(cid, last) <= 0)
        throw new ProtocolViolationError('a list out of order') // or it might never end
      last = cid
    }
    return page
  }

  /** Fetches some of the blobs, at least one, and checks each. */
  async fetch(cids: readonly string[]): Promise<Fetched> {
    const waited = new Set(cids)
    const received: Received = { blobs: [], refused: [] }
    try {
      const absent = await this.#take(cids, waited, received)
      return this.#fetched({ ...received, absent }, waited)
    } catch (failure) {
      return { ...received, absent: [], failure: failure as Error }
    }
  }

  /** Takes the answer to a want, blob by blob. @returns the names the peer says it does not have. */
  async #take(cids: readonly string[], waited: Set<string>, received: Received): Promise<readonly string[]> {
    const endsAt = performance.now() + this.#answerMsMax
    let bytes = 0
    await this.#channel.send({ type: 'want', cids } satisfies Request)
    for (;;) {
      const answer = await this.#receive(Math.min(syncLimits.messageMsMax, endsAt - performance.now()))
      if (answer.type === 'sent') return answer.absent
      if (answer.type !== 'blob') throw unexpected(answer)
      if (!waited.delete(answer.cid)) throw new ProtocolViolationError('a blob that was not asked for')
      bytes += answer.bytes.byteLength
      if (bytes > syncLimits.wantBytes + blobBytesMax)
        throw new ProtocolViolationError('more bytes than one answer holds')
      const verified = this.#checked(answer)
      if (verified === undefined) received.refused.push(answer.cid)
      else received.blobs.push(verified)
      await eventLoopTurn() // a whole answer may lie in the buffer, and checking it must not hold up whoever reads meanwhile
    }
  }

  /** Waits until the peer has stored something after a position, or says that it has not. */
  async changesSince(position: Position): Promise<ChangesResponse> {
    await this.#channel.send({ type: 'wait', position } satisfies Request)
    const answer = await this.#receive(syncLimits.waitMsMax + syncLimits.messageMsMax)
    if (answer.type !== 'changes') throw unexpected(answer)
    return answer
  }

  #checked({ cid, bytes }: Blob): VerifiedBlob | undefined {
    try {
      return this.#verify({ cid, bytes })
    } catch (error) {
      if (error instanceof BlobRefusedError) return undefined
      throw error
    }
  }

  #fetched(fetched: Fetched, waited: ReadonlySet<string>): Fetched {
    const absent = fetched.absent.filter((cid) => waited.has(cid))
    if (fetched.blobs.length + fetched.refused.length + absent.length === 0) {
      throw new ProtocolViolationError('an answer with nothing in it')
    }
    return { ...fetched, absent }
  }

  async #ask(request: Request): Promise<Response> {
    await this.#channel.send(request)
    return this.#receive()
  }

  async #receive(msMax?: number): Promise<Response> {
    return parseResponse(await this.#channel.receive(msMax))
  }
}

function unexpected({ type }: Response): ProtocolViolationError {
  return new ProtocolViolationError(`a ${type} that was not asked for`)
}
