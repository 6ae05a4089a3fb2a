/**
 * Marsaglia's xorshift: the same whole numbers of 32 bits, negative ones among them, for the same seed.
 * @param seed any number but 0, on which it would stay.
 */
export function xorshift(seed: number): () => number {
  let state = seed
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state
  }
}

/** The same as fractions from 0 to 1, without the 1. */
export function fractions(seed: number): () => number {
  const random = xorshift(seed)
  return () => (random() >>> 0) / 2 ** 32
}
