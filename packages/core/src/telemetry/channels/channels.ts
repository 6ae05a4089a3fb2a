import { type Channel, channel } from 'node:diagnostics_channel'
import type { LockkeeperChannels } from './messages.ts'

type Typed<Name extends keyof LockkeeperChannels> = Omit<Channel, 'publish'> & {
  publish(message: LockkeeperChannels[Name]): void
}

const of = <Name extends keyof LockkeeperChannels>(name: Name): Typed<Name> => channel(name)

/** The channels, by what they tell of. To ask one for `hasSubscribers` costs a nanosecond or two; without any nothing is made. */
export const channels = {
  writeStart: of('lockkeeper:write:start'),
  write: of('lockkeeper:write'),
  readStart: of('lockkeeper:read:start'),
  read: of('lockkeeper:read'),
  leaseStart: of('lockkeeper:lease:start'),
  lease: of('lockkeeper:lease'),
  batch: of('lockkeeper:batch'),
  checkpoint: of('lockkeeper:checkpoint'),
}
