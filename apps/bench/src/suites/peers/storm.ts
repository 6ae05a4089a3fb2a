import { measureStorm } from '../../measure/measure-storm.ts'
import type { Trial } from '../../trials/trial.ts'
import { stormOnStore } from './store-storm.ts'

/** A storm of connects, and nothing beside it. */
export const storming: Trial = ({ folder, pace }) =>
  stormOnStore(folder, (_store, host, crowd) => measureStorm(host, crowd, pace))
