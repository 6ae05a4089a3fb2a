import { measureBlobs } from '../../measure/measure-blobs.ts'
import type { Trial } from '../../trials/trial.ts'
import { openStoreHost, storeFile } from './store-host.ts'

/** All blobs, and the same again after a reopen. */
export const storing: Trial = ({ folder, ...settings }) =>
  measureBlobs(() => openStoreHost(folder), storeFile(folder), settings)
