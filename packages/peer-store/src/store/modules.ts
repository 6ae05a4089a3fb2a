import { procedures } from '@lockkeeper/core'

/** The threads load these beside this file: as sources in the workspace, compiled in the published package. */
const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js'
const locate = (folder: string): URL => new URL(`../${folder}/procedures${extension}`, import.meta.url)

/** The store's procedures, by the names that calls and labels have: `blobs.store`, `documents.search`. */
export const modules = {
  blobs: procedures<typeof import('../blobs/procedures.ts')>(locate('blobs')),
  index: procedures<typeof import('../indexing/procedures.ts')>(locate('indexing')),
  feed: procedures<typeof import('../feed/procedures.ts')>(locate('feed')),
  documents: procedures<typeof import('../documents/procedures.ts')>(locate('documents')),
  peers: procedures<typeof import('../peers/procedures.ts')>(locate('peers')),
  domains: procedures<typeof import('../domains/procedures.ts')>(locate('domains')),
  subscriptions: procedures<typeof import('../subscriptions/procedures.ts')>(locate('subscriptions')),
  keyValues: procedures<typeof import('../key-values/procedures.ts')>(locate('key-values')),
}

export type StoreModules = typeof modules
