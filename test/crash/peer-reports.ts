import { peerIdOf } from '../../packages/peer-store/fixtures/peers.ts'

/** The peers of the crash tests: more than one flush takes. */
export const ids: readonly string[] = Array.from({ length: 700 }, (_, index) => peerIdOf(index))

/** Where they were found at a time, in milliseconds. */
export const addressOf = (at: number): string => `/ip4/8.8.8.8/tcp/${1 + ((at / 100_000) % 60_000)}`
