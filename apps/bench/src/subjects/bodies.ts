import { blobBytes, bodiesKept, textBytes } from '../limits.ts'
import { xorshift } from './xorshift.ts'

/** Texts of 200 ASCII characters, each different, the same in every trial. */
export function makeTexts(): string[] {
  const random = randomBytes(1)
  return Array.from({ length: bodiesKept }, () =>
    Buffer.from(Uint8Array.from({ length: textBytes }, () => 97 + (random() % 26))).toString('latin1'),
  )
}

/** Blobs of 1 KiB, each different, the same in every trial. */
export function makeBlobs(): Buffer[] {
  const random = randomBytes(2)
  return Array.from({ length: bodiesKept }, () =>
    Buffer.from(Uint8Array.from({ length: blobBytes }, () => random())),
  )
}

/** One row of parameters each, as bulk calls take them. */
export function rowsFrom<Body>(bodies: readonly Body[], count: number): [Body][] {
  return Array.from({ length: count }, (_, index) => [bodies[index % bodies.length] as Body])
}

/** Takes turns with the bodies, without end. */
export function inTurn<Body>(bodies: readonly Body[]): () => Body {
  let index = 0
  return () => bodies[index++ % bodies.length] as Body
}

/** Seeded, since trials must not differ by their data. */
function randomBytes(seed: number): () => number {
  const random = xorshift(seed)
  return () => random() & 0xff
}
