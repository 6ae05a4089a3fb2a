import { isLockkeeperError } from '@lockkeeper/core'
import { openPeerStore, type PeerStore } from '@lockkeeper/peer-store'
import type { StartRequest } from '../cli/command-line.ts'
import { StartRefusedError } from '../cli/start-refused-error.ts'
import { findImportRoot } from '../content/found-files.ts'
import { HttpServer } from '../http/server.ts'
import { createIdentity, type Identity, readIdentity, writeIdentity } from '../identity/identity.ts'
import { syncLimits } from '../limits.ts'
import { Network } from '../network/network.ts'
import { syncProtocol } from '../sync/protocol.ts'
import { Cleanup } from './cleanup.ts'
import { openDataFolder } from './data-folder.ts'
import { type NodeLog, PeerNode } from './peer-node.ts'

/** The request without the word that asked for it. */
export type NodeOptions = Omit<StartRequest, 'kind'>

/**
 * Starts a node. Everything that can be wrong is looked at before anything that exists is touched: paths, folder, ports,
 * key, and then the database.
 * @throws StartRefusedError if it cannot start; all is as it was before then.
 */
export async function startNode(options: NodeOptions, log: NodeLog): Promise<PeerNode> {
  const roots = []
  for (const path of options.imports) roots.push(await findImportRoot(path, options.data))
  const undo = new Cleanup()
  try {
    const http = await listenHttp(options.httpPort)
    undo.add(() => http.close())
    const folder = await openDataFolder(options.data)
    undo.add(() => folder.undo())
    const known = await readIdentity(folder.identityFile)
    const identity = known ?? createIdentity()
    const network = await startNetwork(identity, options)
    undo.add(() => network.stop())
    const store = await openStore(folder.databaseFile, identity, log)
    undo.add(async () => void (await store.close()))
    if (known === undefined) await writeIdentity(folder.identityFile, identity)
    return new PeerNode({ options, roots, identity, http, folder, network, store, log })
  } catch (error) {
    await undo.run().catch(() => undefined) // the reason for it is the news
    throw error
  }
}

async function listenHttp(port: number): Promise<HttpServer> {
  try {
    return await HttpServer.listen(port)
  } catch (error) {
    throw new StartRefusedError(`--http: ${portTrouble(port, error)}`)
  }
}

async function startNetwork(identity: Identity, { listen }: NodeOptions): Promise<Network> {
  const input = { identity, listen, protocol: syncProtocol, streamsPerPeerMax: syncLimits.answersPerPeerMax }
  try {
    return await Network.start(input)
  } catch {
    throw new StartRefusedError(`--listen: cannot listen on ${listen}; is it in use, or not this machine's?`)
  }
}

/** Lockkeeper's own refusals (not a database, written by a newer version, …) say what to do next. */
async function openStore(file: string, { signer }: Identity, log: NodeLog): Promise<PeerStore> {
  const onTrouble = (trouble: Error | undefined): void => {
    if (trouble === undefined) log.info('stores again')
    else log.error({ reason: trouble.message }, 'cannot store, and tries again')
  }
  try {
    return await openPeerStore({ file, ownKey: signer.publicKey, onTrouble })
  } catch (error) {
    if (!isLockkeeperError(error)) throw error
    throw new StartRefusedError(error.message.startsWith(file) ? error.message : `${file}: ${error.message}`)
  }
}

function portTrouble(port: number, error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'EADDRINUSE') return `port ${port} is in use`
  if (code === 'EACCES') return `port ${port} needs more rights than this user has`
  return message
}
