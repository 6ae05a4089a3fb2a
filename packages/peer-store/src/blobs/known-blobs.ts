import { knownLimits } from '../limits.ts'
import { codecs } from '../records/cid.ts'
import type { Name } from '../records/multihash.ts'

const hashBytes = 32
const prefixBytes = 2
const words = hashBytes / 4

/** What a slot says of its blob. */
const empty = 0
const plain = 1
const record = 2

/**
 * The hashes of all blobs that are stored, in this thread: what peers offer again is recognised here, before it is copied,
 * posted or read. Whole hashes, so there is no false answer to be confirmed by a read; 33 bytes a slot, so that 92,000 blobs
 * take 4 MB. A hash is uniform already (and a peer who would search for colliding ones gains a longer probe), so its first word
 * is where it goes.
 */
export class KnownBlobs {
  #slots: number
  #hashes: Uint32Array
  #kinds: Uint8Array
  #size = 0
  #isLoaded = false
  #hasOverflowed = false
  readonly #slotsMax: number

  constructor(slotsMax: number = knownLimits.slotsMax) {
    this.#slotsMax = slotsMax
    this.#slots = Math.min(knownLimits.slotsMin, slotsMax)
    this.#hashes = new Uint32Array(this.#slots * words)
    this.#kinds = new Uint8Array(this.#slots)
  }

  get size(): number {
    return this.#size
  }

  /** Whether it holds every blob of the store: what it does not hold is not stored then. */
  get isWhole(): boolean {
    return this.#isLoaded && !this.#hasOverflowed
  }

  /** Whether there was no room for some: no use in telling it of more. */
  get isFull(): boolean {
    return this.#hasOverflowed
  }

  /** All that were stored before are in, as far as there was room. */
  loaded(): void {
    this.#isLoaded = true
  }

  /** Takes a stored blob in. Past its bound it takes no more, and is no longer whole: such blobs are looked up in the file. */
  add({ multihash, codec }: Name): void {
    const hash = wordsOf(multihash)
    let slot = this.#find(hash)
    if (this.#kinds[slot] === empty) {
      if (this.#size >= this.#slots * knownLimits.fillMax) {
        if (!this.#grow()) {
          this.#hasOverflowed = true
          return
        }
        slot = this.#find(hash)
      }
      this.#size++
      this.#hashes.set(hash, slot * words)
    }
    if (this.#kinds[slot] !== record) this.#kinds[slot] = codec === codecs.dagCbor ? record : plain
  }

  /**
   * Whether the blob is stored as what its name says. Bytes that were taken for media are not known as a record: whoever sends
   * a record under a media name first must not keep it from being indexed.
   */
  has({ multihash, codec }: Name): boolean {
    const kind = this.#kinds[this.#find(wordsOf(multihash))]
    return kind === record || (kind === plain && codec !== codecs.dagCbor)
  }

  toJSON(): { size: number; isWhole: boolean } {
    return { size: this.#size, isWhole: this.isWhole }
  }

  /** The slot that holds the hash, or the one where it would go. */
  #find(hash: Uint32Array): number {
    const last = this.#slots - 1
    let slot = (hash[0] as number) & last
    while (this.#kinds[slot] !== empty && !this.#holds(slot, hash)) slot = (slot + 1) & last
    return slot
  }

  #holds(slot: number, hash: Uint32Array): boolean {
    for (let word = 0; word < words; word++) {
      if (this.#hashes[slot * words + word] !== hash[word]) return false
    }
    return true
  }

  #grow(): boolean {
    if (this.#slots >= this.#slotsMax) return false
    const [hashes, kinds, slots] = [this.#hashes, this.#kinds, this.#slots]
    this.#slots *= 2
    this.#hashes = new Uint32Array(this.#slots * words)
    this.#kinds = new Uint8Array(this.#slots)
    for (let slot = 0; slot < slots; slot++) {
      if (kinds[slot] === empty) continue
      const hash = hashes.subarray(slot * words, (slot + 1) * words)
      const place = this.#find(hash)
      this.#hashes.set(hash, place * words)
      this.#kinds[place] = kinds[slot] as number
    }
    return true
  }
}

const scratch = new Uint32Array(words)
const scratchBytes = new Uint8Array(scratch.buffer)

/** The hash as words; good until the next call. */
function wordsOf(multihash: Uint8Array): Uint32Array {
  for (let index = 0; index < hashBytes; index++)
    scratchBytes[index] = multihash[prefixBytes + index] as number
  return scratch
}
