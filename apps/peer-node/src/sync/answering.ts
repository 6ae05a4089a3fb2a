import { setImmediate as eventLoopTurn } from 'node:timers/promises'
import type { Stream } from '@libp2p/interface'
import type { PeerStore } from '@lockkeeper/peer-store'
import { syncLimits } from '../limits.ts'
import { ChannelEndedError, MessageChannel } from '../network/message-channel.ts'
import type { Journal } from './journal.ts'
import {
  type ChangesResponse,
  type ListResponse,
  parseRequest,
  type Response,
  type WaitRequest,
  type WantRequest,
} from './protocol.ts'

export interface AnsweringInput {
  readonly store: PeerStore
  readonly journal: Journal
  readonly signal: AbortSignal
}

/**
 * Answers a peer's requests on one stream, one after the other, until it closes.
 * @throws what broke the stream, which is aborted then.
 */
export async function answerRequests(stream: Stream, input: AnsweringInput): Promise<void> {
  const limits = {
    messageBytesMax: syncLimits.requestBytesMax,
    bufferBytesMax: 2 * syncLimits.requestBytesMax,
    messageMsMax: syncLimits.messageMsMax,
  }
  const channel = new MessageChannel(stream, limits, input.signal)
  try {
    for (;;) {
      const request = parseRequest(await channel.receive(syncLimits.idleMsMax))
      for await (const response of responsesTo(request, input)) await channel.send(response)
    }
  } catch (error) {
    if (error instanceof ChannelEndedError) return channel.close()
    channel.abort(error as Error)
    throw error
  }
}

async function* responsesTo(
  request: ReturnType<typeof parseRequest>,
  input: AnsweringInput,
): AsyncGenerator<Response> {
  if (request.type === 'list') yield await list(request.after, input)
  else if (request.type === 'want') yield* blobs(request, input)
  else yield await changes(request, input)
}

async function list(after: string | null, { store, journal }: AnsweringInput): Promise<ListResponse> {
  const { position } = journal // read first: what is stored meanwhile is then told twice rather than never
  const cids = await store.listBlobs({ limit: syncLimits.pageItems, after: after ?? undefined })
  return { type: 'list', cids, position }
}

async function* blobs({ cids }: WantRequest, { store }: AnsweringInput): AsyncGenerator<Response> {
  const absent: string[] = []
  let bytesSent = 0
  for (let start = 0; start < cids.length; start += syncLimits.answerReadItems) {
    const wanted = cids.slice(start, start + syncLimits.answerReadItems)
    const found = new Map((await store.getBlobs(wanted)).map((blob) => [blob.cid, blob.bytes]))
    for (const cid of wanted) {
      const bytes = found.get(cid)
      if (bytes === undefined) {
        absent.push(cid)
        continue
      }
      if (bytesSent > 0 && bytesSent + bytes.byteLength > syncLimits.wantBytes) {
        yield { type: 'sent', absent }
        return
      }
      bytesSent += bytes.byteLength
      yield { type: 'blob', cid, bytes }
      await eventLoopTurn() // encoding and encrypting are synchronous; others are to be served in between
    }
  }
  yield { type: 'sent', absent }
}

async function changes(
  { position }: WaitRequest,
  { journal, signal }: AnsweringInput,
): Promise<ChangesResponse> {
  await journal.waitPast(position, AbortSignal.any([signal, AbortSignal.timeout(syncLimits.waitMsMax)]))
  const found = journal.since(position)
  if (found === undefined) return { type: 'changes', cids: [], complete: false, position: journal.position }
  return { type: 'changes', complete: true, ...found }
}
