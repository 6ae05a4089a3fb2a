import type { Stream } from '@libp2p/interface'
import { compareCids } from '@lockkeeper/peer-store'
import { multiaddr } from '@multiformats/multiaddr'
import { createIdentity } from '../identity/identity.ts'
import { blobBytesMax } from '../limits.ts'
import { ChannelEndedError, MessageChannel } from '../network/message-channel.ts'
import { Network } from '../network/network.ts'
import { parseRequest, syncProtocol, type WantRequest } from '../sync/protocol.ts'

const limits = { messageBytesMax: 64 * 1024, bufferBytesMax: 1024 * 1024, messageMsMax: 60_000 }

/** What a scripted peer sends for a blob: bytes, whatever their name says, or anything at all in a message's place. */
export type Answer = { readonly bytes: Uint8Array } | { readonly message: unknown }

/**
 * A peer on a real network that speaks the protocol from a script, well or badly: it lists the names it is given, and
 * answers each want with what the script has for them.
 */
export class ScriptedPeer {
  readonly #network: Network
  readonly #answers: ReadonlyMap<string, Answer>
  readonly #end = new AbortController()
  /** Every name that was wanted of it, in order. */
  readonly wanted: string[] = []
  #changes: readonly string[]

  private constructor(network: Network, answers: ReadonlyMap<string, Answer>, changes: readonly string[]) {
    this.#network = network
    this.#answers = answers
    this.#changes = changes
    network.attach({
      onPeer: () => {},
      onConnected: () => {},
      onDisconnected: () => {},
      onStream: (stream) => void this.#serve(stream),
    })
  }

  /** @param changes names that are not listed, but told of once to the first who waits. */
  static async start(
    answers: ReadonlyMap<string, Answer>,
    changes: readonly string[] = [],
  ): Promise<ScriptedPeer> {
    const network = await Network.start({
      identity: createIdentity(),
      listen: multiaddr('/ip4/127.0.0.1/tcp/0'),
      protocol: syncProtocol,
      streamsPerPeerMax: 4,
    })
    return new ScriptedPeer(network, answers, changes)
  }

  get peerId(): string {
    return this.#network.peerId
  }

  get address(): string {
    return this.#network.addresses[0] ?? ''
  }

  /** Connects to a node. */
  async dial(addresses: readonly string[]): Promise<void> {
    await this.#network.dial(
      addresses.map((address) => multiaddr(address)),
      this.#end.signal,
    )
  }

  async stop(): Promise<void> {
    this.#end.abort(new Error('over'))
    await this.#network.stop()
  }

  async #serve(stream: Stream): Promise<void> {
    const channel = new MessageChannel(stream, { ...limits, messageBytesMax: blobBytesMax }, this.#end.signal)
    const position = { epoch: 'scripted', index: 0 }
    try {
      for (;;) {
        const request = parseRequest(await channel.receive())
        if (request.type === 'list')
          await channel.send({ type: 'list', cids: this.#page(request.after), position })
        else if (request.type === 'want') await this.#answer(request, channel)
        else
          await channel.send({ type: 'changes', cids: await this.#nextChanges(), complete: true, position })
      }
    } catch (error) {
      if (!(error instanceof ChannelEndedError)) channel.abort(error as Error)
    }
  }

  #page(after: string | null): string[] {
    const listed = [...this.#answers.keys()].filter((cid) => !this.#changes.includes(cid))
    return listed
      .sort(compareCids)
      .filter((cid) => after === null || compareCids(cid, after) > 0)
      .slice(0, 1_000)
  }

  /** After the first time there are none, and whoever waits, waits. */
  async #nextChanges(): Promise<readonly string[]> {
    const changes = this.#changes
    this.#changes = []
    if (changes.length === 0)
      await new Promise((resolve) => this.#end.signal.addEventListener('abort', resolve))
    return changes
  }

  async #answer({ cids }: WantRequest, channel: MessageChannel): Promise<void> {
    this.wanted.push(...cids)
    for (const cid of cids) {
      const answer = this.#answers.get(cid)
      if (answer === undefined) continue
      await channel.send('message' in answer ? answer.message : { type: 'blob', cid, bytes: answer.bytes })
    }
    await channel.send({ type: 'sent', absent: cids.filter((cid) => !this.#answers.has(cid)) })
  }
}
