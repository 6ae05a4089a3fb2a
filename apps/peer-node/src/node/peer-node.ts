import type { PeerStore } from '@lockkeeper/peer-store'
import type { Logger } from 'pino'
import { readVersion } from '../cli/version.ts'
import type { ImportRoot } from '../content/found-files.ts'
import { Importer } from '../content/importer.ts'
import { createApp } from '../http/app.ts'
import type { HttpServer } from '../http/server.ts'
import type { Identity } from '../identity/identity.ts'
import { Dialer } from '../network/dialer.ts'
import type { Network } from '../network/network.ts'
import { Synchronizer } from '../sync/synchronizer.ts'
import { Cleanup } from './cleanup.ts'
import type { DataFolder } from './data-folder.ts'
import { busyErrorsOf, type NodeStatus } from './node-status.ts'
import type { NodeOptions } from './start-node.ts'

export type NodeLog = Pick<Logger, 'info' | 'warn' | 'error'>

export interface PeerNodeParts {
  readonly options: NodeOptions
  readonly roots: readonly ImportRoot[]
  readonly identity: Identity
  readonly http: HttpServer
  readonly folder: DataFolder
  readonly network: Network
  readonly store: PeerStore
  readonly log: NodeLog
}

/** A running node. */
export class PeerNode {
  readonly #parts: PeerNodeParts
  readonly #synchronizer: Synchronizer
  readonly #dialer: Dialer
  readonly #importer: Importer
  readonly #stopping = new AbortController()
  readonly #importing: Promise<void>
  readonly #version = readVersion()
  #stopped: Promise<number> | undefined

  constructor(parts: PeerNodeParts) {
    this.#parts = parts
    const { network, store, log, http } = parts
    this.#synchronizer = new Synchronizer({
      network,
      store,
      onError: (peer, error) => log.warn({ peer, reason: error.message }, 'conversation failed'),
    })
    this.#dialer = new Dialer({
      network,
      store,
      peers: parts.options.peers,
      onFailed: (peer, addresses, error) => this.#dialFailed(peer, addresses, error),
    })
    this.#importer = new Importer({
      roots: parts.roots,
      dataFolder: parts.options.data,
      signer: parts.identity.signer,
      store: (blobs) => this.#synchronizer.store(blobs),
      onSkipped: (file, reason) => log.warn({ file, reason }, 'not imported'),
    })
    const onError = (error: Error): void => log.error({ reason: error.message }, 'request failed')
    http.serve(createApp({ node: { store, status: () => this.status() }, hosts: http.hosts, onError }))
    this.#listen()
    this.#dialer.start()
    this.#importing = this.#import()
  }

  get peerId(): string {
    return this.#parts.network.peerId
  }

  get multiaddrs(): string[] {
    return this.#parts.network.addresses
  }

  get url(): string {
    return this.#parts.http.url
  }

  async status(): Promise<NodeStatus> {
    const { network, store } = this.#parts
    const { documents, blobs, bytes, peers, toIndex } = await store.status()
    const report = store.report()
    return {
      version: this.#version,
      peerId: network.peerId,
      multiaddrs: network.addresses,
      documents,
      toIndex,
      blobs,
      bytes,
      peersKnown: peers,
      peersConnected: network.connectedPeers.length,
      sync: {
        have: blobs,
        ...this.#synchronizer.totals,
        refusals: store.refusals,
        peers: this.#synchronizer.pulls,
      },
      import: this.#importer.status,
      busyErrors: busyErrorsOf(report),
      trouble: store.trouble?.message,
      actors: report.states,
    }
  }

  /**
   * Ends conversations and import, finishes what is being written, closes the store. Safe to call twice.
   * @returns how many writes could not be finished.
   */
  stop(): Promise<number> {
    this.#stopped ??= this.#stop()
    return this.#stopped
  }

  async #stop(): Promise<number> {
    const { http, folder, network, store } = this.#parts
    this.#stopping.abort(new Error('stopping'))
    const steps = new Cleanup()
    let notWritten = 0
    steps.add(() => folder.release())
    steps.add(async () => {
      notWritten = (await store.close()).notWritten
    })
    steps.add(() => http.close())
    steps.add(() => this.#importing)
    steps.add(() => network.stop())
    steps.add(() => this.#synchronizer.stop())
    steps.add(() => this.#dialer.stop())
    await steps.run()
    return notWritten
  }

  /** Peer rows are best effort, through the peer writer: nothing here waits for one. */
  #listen(): void {
    const { network, store } = this.#parts
    network.attach({
      onPeer: (peer) => this.#synchronizer.startPull(peer),
      onStream: (stream, peer) => this.#synchronizer.answer(stream, peer),
      onConnected: (id, addresses) =>
        store.sawPeer({ id, addresses, status: 'connected', seenAt: Date.now() }),
      onDisconnected: (id) => {
        store.sawPeer({ id, addresses: [], status: 'disconnected', seenAt: Date.now() })
        this.#synchronizer.endPull(id)
        this.#dialer.disconnected(id)
      },
    })
  }

  async #import(): Promise<void> {
    const { log } = this.#parts
    const { state, ...counts } = await this.#importer.run(this.#stopping.signal)
    if (state === 'failed') log.error(counts, 'import failed')
    else if (state !== 'none') log.info(counts, `import ${state}`)
  }

  #dialFailed(peer: string | undefined, addresses: readonly string[], error: Error): void {
    const { store, log } = this.#parts
    log.warn({ addresses, reason: error.message }, 'cannot reach a peer')
    if (peer === undefined) return
    const failed = { status: 'failed', reason: error.message } as const
    store.sawPeer({ id: peer, addresses: [], seenAt: Date.now(), ...failed })
  }
}
