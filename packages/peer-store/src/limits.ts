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
  /** Attributes of one document, and their sizes: they are what programs say of a document, not its text. */
  attributesMax: 64,
  attributeKeyCharactersMax: 64,
  attributeValueCharactersMax: 1_024,
  /** Public keys kept ready for verification, half a kilobyte each. */
  keysKeptMax: 512,
  /** A comment is a few paragraphs. */
  commentCharactersMax: 100_000,
  /** A document is a map with a list and a map in it; the decoder recurses, so nesting is looked at before it starts. */
  nestingMax: 3,
  /** The links and attributes of the largest document, and its fields. */
  itemsMax: 10_000 + 2 * 64 + 32,
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
  /** Entries of one event feed. */
  feedItemsMax: 200,
  /** Blobs handed over in one read: at the largest 16 MiB, which a message carries in about 10 ms. */
  blobsReadAtOnce: 8,
} as const

export const indexLimits = {
  /** Blobs in one flush. A flush is one indivisible item, so its bytes are bounded too: half a megabyte is stored in 2 to 6 ms. */
  itemsMax: 100,
  bytesMax: 524_288,
  /** How long the first blob of a batch waits for company: long against the network's gaps, short to a person. */
  ageMsMax: 25,
  /** Blobs held, and their bytes: a few batches ahead, so that the writer never waits for the network. */
  itemsHeldMax: 1_024,
  bytesHeldMax: 32 * 1_048_576,
  /** Blobs of one call that are prepared at once: compressing and copying them holds the event loop for a millisecond. */
  preparedItems: 16,
  /** Such parts of one call that may wait for their commit at once: enough that a flush is always ready behind another. */
  preparedParts: 32,
  /**
   * How long one step derives rows while nobody more urgent waits; it ends after the record under way once somebody does. And the
   * text that it then hands to the full-text index, which takes some 3 ms. Long steps are cheap: each makes a segment of that
   * index, to be merged with others later. One more is sent ahead while there is a backlog.
   */
  stepMs: 10,
  stepCharactersMax: 65_536,
  /**
   * Pages of the full-text index that are merged with each step, so that segments stay few. A thousand characters come to 0.15 pages,
   * and each page is merged some four times before it is at rest: this is twice as much, since a step that is behind catches up.
   */
  mergePagesMin: 4,
  mergePagesPerCharacter: 0.001,
  /** Of one text, so much can be found by search: a whole book of 2 MiB would keep a person's write waiting for 100 ms. */
  textCharactersMax: 262_144,
  stepsAtOnce: 2,
  /** The slice of the background lane in the store's own database: a step, its text and its commit. */
  sliceMs: 15,
  /** A job's step is a transaction of its own: with its last record and its commit it stays in a slice of 5 ms, should the app have set no other. */
  jobStepMs: 2,
  /** Records of one step: some three times what it has time for. */
  stepItemsMax: 256,
  /** Records that are woken at once when what they wait for is indexed: under a millisecond of the write lock. */
  wokenAtOnce: 128,
  /** Tries of a record alone before it is set aside. */
  strikesMax: 3,
  /** The first pause after a step that failed, and the longest; it doubles in between. */
  backoffMsFirst: 50,
  backoffMsMax: 5_000,
  /** Blobs handed over in one user write: it is indivisible. */
  publishedItemsMax: 32,
} as const

export const knownLimits = {
  /** Slots for hashes at first: 33 bytes each. */
  slotsMin: 4_096,
  /** At most 35 MB, for 786,000 blobs: eight times what was met in the field. A power of two, as is the least. */
  slotsMax: 1_048_576,
  /** Fuller than this, probes get long. */
  fillMax: 0.75,
  /** Hashes read at once when the store is opened: 140 KB, about a millisecond of a reader. */
  pageItems: 4_096,
} as const

export const compressionLimits = {
  /** Shorter records gain some dozen bytes. */
  bytesMin: 1_024,
  /** Up to this size a record is compressed at once, in a tenth of a millisecond; the thread pool's way costs more. */
  bytesAtOnceMax: 16_384,
  /** Compressed to more than this share of it, a record is stored as it came: it is read more often than written. */
  ratioMax: 0.875,
  /** What may come out again: the largest blob. */
  bytesMax: 2 * 1_048_576,
} as const

export const clockLimits = {
  /**
   * A time so far ahead of ours came from a clock that has been set back since: it would win over everything true. A minute is left
   * for clocks that are nudged.
   */
  aheadMsMax: 60_000,
  /** A clock that says it is earlier than when this was written is behind (many small machines start in 1970): it sets nothing back. */
  soundFromMs: Date.UTC(2025, 0, 1),
} as const

export const peerLimits = {
  /** Peers in one flush, and their bytes: it is indivisible, so a user may wait for it, some milliseconds. */
  itemsMax: 200,
  bytesMax: 262_144,
  /**
   * How long news waits for company. In the lane `sync` a changed address is stored within a second, however many blobs come. In
   * `background` it would wait twice for that lane's longest wait, 500 ms: for the flush under way, and in its own.
   */
  ageMsMax: 100,
  /** Peers held: several times the largest list met in the field. */
  itemsHeldMax: 10_000,
  /** From so many held on, what others tell is dropped: the rest of the room is for what is seen here. */
  heardHeldMax: 5_000,
  /** How far the stored time may lag behind a peer that keeps being seen: at 1,500 peers 100 rows a second, whatever comes. */
  seenResolutionMs: 15_000,
  /** The same for what is only heard of: it keeps a peer from being forgotten, and days are enough for that. */
  heardResolutionMs: 86_400_000,
  /**
   * A list that is told again and again is handed on once in so long, for the file to compare: where the clock was set back, it
   * may have refused the list as older than its own. At 1,500 peers that is two or three checks a second, and no row.
   */
  addressesAgainMs: 600_000,
  /** Peers of whom is remembered what was reported last, some 200 bytes each; one more is written as if it were new. */
  rememberedMax: 20_000,
  /** Reports that wait to be checked, and as many rows of lists, ten of the largest. */
  checksHeldMax: 20_000,
  /** How long checking may hold the app's thread at a stretch: some hundred addresses. */
  checkSliceMs: 1,
  /** libp2p's ids have 46 to 62 characters. */
  idCharactersMax: 128,
  /** Addresses looked at in one list: the most met in the field is 65. */
  addressesLookedAtMax: 128,
  /** And their characters: the most met in the field is 19 KB. Looking at them costs about 1 µs a KB. */
  charactersLookedAtMax: 32_768,
  /** Addresses kept per peer: nobody dials more before giving up. */
  addressesMax: 48,
  /** And their characters together: a peer of the field has 1 to 4 KB. */
  addressesCharactersMax: 8_192,
  addressCharactersMax: 1_024,
  /** Why a connection failed, in words. */
  reasonCharactersMax: 200,
  /** Failures of a peer that are told apart while they wait to be written: pauses between dials stop growing before. */
  failuresCountedMax: 16,
  /** Rows of one exchanged list; the rest is refused. */
  listRowsMax: 2_000,
  /** Peers to dial next, in one answer: 20 to 30 are dialled at once. */
  toDialMax: 100,
  /** How long after a failure a peer is let alone; doubles with each further one, `redialDoublings` times at most. */
  redialMs: 15_000,
  redialDoublings: 8,
  /** A peer that nobody saw or told of for so long before the last sighting of anybody is forgotten at start. */
  forgetAfterMs: 30 * 86_400_000,
  /** How long closing may take when whoever closes does not say. */
  drainMsDefault: 5_000,
  /** Peers looked at in one step of the clean-up: about a millisecond of the write lock. */
  tidyRowsPerStep: 100,
} as const

export const domainLimits = {
  /** Domains in one flush: a node knows hundreds. */
  itemsMax: 500,
  ageMsMax: 250,
  itemsHeldMax: 10_000,
  /** A check that says what the last one said is written once in so long. */
  checkResolutionMs: 60_000,
  /** How long a check holds. */
  checkEveryMs: 30 * 60_000,
  rememberedMax: 10_000,
  /** What DNS allows of a name, and a port. */
  nameCharactersMax: 260,
  /** A domain's configuration is a small JSON document. */
  configCharactersMax: 16_384,
  /** SQLite reads a thousand levels; one deeper would fail its whole batch. */
  configNestingMax: 64,
  errorCharactersMax: 500,
} as const

export const subscriptionLimits = {
  accountCharactersMax: 128,
  pathCharactersMax: 1_024,
  /** Steps of a path that are looked up when somebody asks what covers it. */
  depthMax: 64,
} as const

export const keyValueLimits = {
  keyCharactersMax: 512,
  /** Values are settings and cursors; what is larger is a blob. */
  valueCharactersMax: 1_048_576,
} as const
