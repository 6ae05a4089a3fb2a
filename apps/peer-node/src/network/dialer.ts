import { EventEmitter, once, setMaxListeners } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import type { PeerStore } from '@lockkeeper/peer-store'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { networkLimits } from '../limits.ts'
import { backoffMs } from './backoff.ts'
import type { Network } from './network.ts'
import { choosePeers, readPeerList } from './peer-list.ts'

export interface DialerInput {
  readonly network: Network
  readonly store: PeerStore
  /** Peers named at the start: dialled for as long as the node runs. */
  readonly peers: readonly Multiaddr[]
  readonly onFailed: (peer: string | undefined, addresses: readonly string[], error: Error) => void
}

interface Target {
  /** Undefined until the peer has answered, if its address does not say. */
  id: string | undefined
  readonly addresses: readonly Multiaddr[]
  /** How many failures in a row it is granted. */
  readonly failuresMax: number
}

/** Connects to the peers named at the start and to those of the store's list, and connects again when they are gone. */
export class Dialer {
  readonly #input: DialerInput
  readonly #end = new AbortController()
  readonly #disconnections = new EventEmitter()
  readonly #targets = new Set<Target>()
  readonly #running = new Set<Promise<void>>()

  constructor(input: DialerInput) {
    this.#input = input
    this.#disconnections.setMaxListeners(0)
    setMaxListeners(0, this.#end.signal) // one per target, which are bounded
  }

  start(): void {
    for (const address of this.#input.peers) {
      this.#keep({ id: peerIdOf(address), addresses: [address], failuresMax: Number.POSITIVE_INFINITY })
    }
    this.#run(this.#followPeerList())
  }

  /** The last connection to a peer is gone. */
  disconnected(peer: string): void {
    this.#disconnections.emit(peer)
  }

  async stop(): Promise<void> {
    this.#end.abort(new Error('stopping'))
    await Promise.all(this.#running)
  }

  async #followPeerList(): Promise<void> {
    const { network, store } = this.#input
    while (!this.#end.signal.aborted) {
      const rows = await readPeerList(store).catch(() => []) // a failed read is reported by the store; the next may work
      const dialled = [...this.#targets].flatMap(({ id }) => id ?? [])
      const excluded = new Set([network.peerId, ...network.connectedPeers, ...dialled])
      const room = networkLimits.dialTargetsMax - Math.max(this.#targets.size, network.connectedPeers.length)
      for (const { id, addresses } of choosePeers(rows, excluded, room)) {
        this.#keep({ id, addresses: addresses.flatMap(readAddress), failuresMax: networkLimits.failuresMax })
      }
      await this.#delay(networkLimits.peerListEveryMs)
    }
  }

  #keep(target: Target): void {
    this.#targets.add(target)
    this.#run(this.#keepConnected(target).finally(() => this.#targets.delete(target)))
  }

  /** Dials, waits until the connection is gone, dials again; gives up after too many failures in a row. */
  async #keepConnected(target: Target): Promise<void> {
    const { network, onFailed } = this.#input
    let failures = 0
    while (!this.#end.signal.aborted) {
      const startedAt = performance.now()
      try {
        target.id = await network.dial(target.addresses, this.#end.signal)
        await this.#disconnection(target.id)
        const lasted = performance.now() - startedAt
        failures = lasted < networkLimits.connectionStableMs ? failures + 1 : 1
      } catch (error) {
        if (this.#end.signal.aborted) return
        failures++
        onFailed(target.id, target.addresses.map(String), error as Error)
        if (failures >= target.failuresMax) return
      }
      const limits = { msMin: networkLimits.redialMsMin, msMax: networkLimits.redialMsMax }
      await this.#delay(backoffMs(failures, limits, Math.random()))
    }
  }

  async #disconnection(peer: string): Promise<void> {
    if (!this.#input.network.isConnected(peer)) return
    await once(this.#disconnections, peer, { signal: this.#end.signal })
  }

  /** Ends early, and quietly, when the dialer stops. */
  async #delay(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.#end.signal }).catch(() => undefined)
  }

  #run(work: Promise<void>): void {
    const running = work.finally(() => this.#running.delete(running))
    this.#running.add(running)
  }
}

/** The peer id at the end of an address, if there is one. */
export function peerIdOf(address: Multiaddr): string | undefined {
  return address.getComponents().find(({ name }) => name === 'p2p')?.value
}

/** Addresses in the store were told by peers. */
function readAddress(text: string): Multiaddr[] {
  try {
    return [multiaddr(text)]
  } catch {
    return []
  }
}
