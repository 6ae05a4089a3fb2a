/** Every bound of the store, each with its reason. Times in milliseconds, sizes in bytes. */

export const recordLimits = {
  /** The largest blob: the largest met in the field, and little enough to hold dozens in memory. */
  blobBytesMax: 2 * 1_048_576,
  /** A CIDv1 of SHA-256 in base32 has 59 characters; longer text is not looked at. */
  cidCharactersMax: 128,
  /** A title is one line. */
  titleCharactersMax: 1_000,
  /** What file systems allow of a path, give or take. */
  pathCharactersMax: 1_024,
  /** Links of one document: each is looked at by the writer. */
  linksMax: 10_000,
  /** A link longer than this is data in disguise. */
  linkCharactersMax: 4_096,
  /** A document is a map with one list in it; the decoder recurses, so nesting is looked at before it starts. */
  nestingMax: 3,
} as const

export const pageLimits = {
  /** Items of one page: a thousand CIDs are 60 KB, read in a millisecond or two. */
  itemsMax: 1_000,
  /** Hits of one search: each costs a look through its whole text for the snippet. */
  searchHitsMax: 100,
  /** Words of a search that count: each is a walk through the index. */
  searchWordsMax: 16,
  searchWordCharactersMax: 64,
  /** A last word this short is not completed: too many words begin with it. */
  completedCharactersMin: 2,
  /** Words around a match. */
  snippetWords: 24,
  /** Documents shown as linking to one, newest first. */
  backlinksMax: 200,
  /** Links of one document that are looked up when it is opened, some microseconds each. */
  linkedMax: 1_000,
  /** CIDs looked up in one read; more are looked up in several. */
  lookupItemsMax: 1_000,
  /** Blobs handed over in one read: at the largest 16 MiB, which a message carries in about 10 ms. */
  blobsReadAtOnce: 8,
} as const

export const indexLimits = {
  /** Blobs in one flush. A flush is indivisible: at about 0.3 ms a document it may hold users up some 10 ms. */
  itemsMax: 32,
  /** How long the first blob of a batch waits for company: long against the network's gaps, short to a person. */
  ageMsMax: 25,
  /** Blobs held, and their bytes: a few batches ahead, so that the writer never waits for the network. */
  itemsHeldMax: 512,
  bytesHeldMax: 32 * 1_048_576,
} as const

export const peerLimits = {
  /** Peers in one flush, some milliseconds' work. */
  itemsMax: 500,
  ageMsMax: 100,
  /** Peers held: several times the largest list met in the field. */
  itemsHeldMax: 10_000,
  /** libp2p's ids have 46 to 62 characters. */
  idCharactersMax: 128,
  /** Addresses kept per peer: the most met in the field is 65. */
  addressesMax: 100,
  addressCharactersMax: 1_024,
} as const

export const keyValueLimits = {
  keyCharactersMax: 512,
  /** Values are settings and cursors; what is larger is a blob. */
  valueCharactersMax: 1_048_576,
} as const
