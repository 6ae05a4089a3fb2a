import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { identify } from '@libp2p/identify'
import type { IdentifyResult, Libp2p, PeerId, Stream } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { tcp } from '@libp2p/tcp'
import type { Multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import type { Identity } from '../identity/identity.ts'
import { networkLimits } from '../limits.ts'

/** Who hears what happens on the network. Peers are named by their ids, as text. */
export interface NetworkListener {
  /** A peer is connected that speaks our protocol. May be told more than once. */
  onPeer(peerId: string): void
  /** A peer opened a stream of our protocol. */
  onStream(stream: Stream, peerId: string): void
  /** A peer has connected, or has told its addresses. */
  onConnected(peerId: string, addresses: readonly string[]): void
  /** The last connection to a peer is gone. */
  onDisconnected(peerId: string): void
}

export interface NetworkInput {
  readonly identity: Identity
  readonly listen: Multiaddr
  readonly protocol: string
  readonly streamsPerPeerMax: number
}

/** The libp2p node: TCP, Noise, Yamux, identify. */
export class Network {
  readonly #libp2p: Libp2p
  readonly #protocol: string
  readonly #speakers = new Set<string>()
  #listener: NetworkListener | undefined

  private constructor(libp2p: Libp2p, protocol: string) {
    this.#libp2p = libp2p
    this.#protocol = protocol
  }

  /**
   * Listens. Peers that come before {@link attach} wait: their streams are refused, and they try again.
   * @throws if the address cannot be listened on.
   */
  static async start({ identity, listen, protocol, streamsPerPeerMax }: NetworkInput): Promise<Network> {
    const libp2p = await createLibp2p({
      start: false,
      privateKey: identity.privateKey,
      addresses: { listen: [listen.toString()] },
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      services: { identify: identify() },
      connectionManager: {
        maxConnections: networkLimits.connectionsMax,
        maxParallelDials: networkLimits.dialsMax,
        dialTimeout: networkLimits.dialMsMax,
      },
    })
    const network = new Network(libp2p, protocol)
    await network.#listen(streamsPerPeerMax)
    await libp2p.start()
    return network
  }

  get peerId(): string {
    return this.#libp2p.peerId.toString()
  }

  /** Where this node can be dialled, with its peer id. */
  get addresses(): string[] {
    return this.#libp2p.getMultiaddrs().map((address) => address.toString())
  }

  get connectedPeers(): string[] {
    return this.#libp2p.getPeers().map((peer) => peer.toString())
  }

  isConnected(peerId: string): boolean {
    return this.#libp2p.getConnections(peerIdFromString(peerId)).length > 0
  }

  /** Starts telling the listener, first of the peers that are there already. */
  attach(listener: NetworkListener): void {
    this.#listener = listener
    for (const connection of this.#libp2p.getConnections()) {
      listener.onConnected(connection.remotePeer.toString(), dialledAddress(connection))
    }
    for (const peer of this.#speakers) listener.onPeer(peer)
  }

  /** Connects to a peer. @returns its id. @throws if it cannot be reached, or is another than the address says. */
  async dial(addresses: readonly Multiaddr[], signal: AbortSignal): Promise<string> {
    const connection = await this.#libp2p.dial([...addresses], { signal })
    return connection.remotePeer.toString()
  }

  /** Opens a stream of our protocol to a connected peer. */
  async openStream(peerId: string, signal: AbortSignal): Promise<Stream> {
    const [connection] = this.#libp2p.getConnections(peerIdFromString(peerId))
    if (connection === undefined) throw new Error(`not connected to ${peerId}`)
    return connection.newStream(this.#protocol, { signal })
  }

  async stop(): Promise<void> {
    this.#listener = undefined
    await this.#libp2p.stop()
  }

  async #listen(streamsPerPeerMax: number): Promise<void> {
    const libp2p = this.#libp2p
    await libp2p.handle(
      this.#protocol,
      (stream, connection) => {
        if (this.#listener === undefined) stream.abort(new Error('not ready'))
        else this.#listener.onStream(stream, connection.remotePeer.toString())
      },
      { maxInboundStreams: streamsPerPeerMax },
    )
    await libp2p.register(this.#protocol, {
      onConnect: (peer: PeerId) => {
        this.#speakers.add(peer.toString())
        this.#listener?.onPeer(peer.toString())
      },
    })
    libp2p.addEventListener('connection:open', ({ detail }) => {
      this.#listener?.onConnected(detail.remotePeer.toString(), dialledAddress(detail))
    })
    libp2p.addEventListener('peer:identify', ({ detail }) => {
      this.#listener?.onConnected(detail.peerId.toString(), toldAddresses(detail))
    })
    libp2p.addEventListener('peer:disconnect', ({ detail }) => {
      this.#speakers.delete(detail.toString())
      this.#listener?.onDisconnected(detail.toString())
    })
  }
}

/** An address that was dialled works again; the port that an incoming connection comes from does not. */
function dialledAddress(connection: { direction: string; remoteAddr: Multiaddr }): string[] {
  return connection.direction === 'outbound' ? [connection.remoteAddr.toString()] : []
}

/** What a peer says of itself is its own claim: it is only ever dialled, and must then prove its id. */
function toldAddresses({ peerId, listenAddrs, connection }: IdentifyResult): string[] {
  const id = peerId.toString()
  const told = listenAddrs.flatMap((address) => {
    const [, port, end, more] = address.getComponents()
    if (port?.name !== 'tcp' || more !== undefined) return []
    if (end === undefined) return [address.encapsulate(`/p2p/${id}`).toString()]
    return end.name === 'p2p' && end.value === id ? [address.toString()] : []
  })
  return [...new Set([...dialledAddress(connection), ...told])].slice(0, networkLimits.addressesMax)
}
