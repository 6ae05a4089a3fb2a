/** Every bound of the node, each with its reason. Times in milliseconds, sizes in bytes. */

/** What the store takes as one blob; a larger one is refused unseen. The workload's largest is 2 MiB. */
export const blobBytesMax = 2 * 1024 * 1024

export const contentLimits = {
  /** Files found in one import: their names are held in memory, about 200 bytes each. */
  filesMax: 100_000,
  /** Folders inside folders: deeper trees are mistakes, and paths have an end on every system. */
  depthMax: 64,
  /** A file read as one document; with its envelope it must stay under the largest blob. Larger ones become media. */
  documentBytesMax: 1024 * 1024,
  /** A file cut to media. At 256 KiB a chunk this is 16,384 blobs from one name. */
  mediaBytesMax: 4 * 1024 * 1024 * 1024,
  /** One chunk of media, as IPFS tools cut it: the workload's media come in blobs of this size. */
  chunkBytes: 256 * 1024,
  /** Markdown parsed for its title and links: the largest document takes some 100 ms, texts made to hold us up take hours. */
  parseMsMax: 2_000,
  /** What is looked at to tell text from media before the whole file is read. */
  sniffBytes: 8 * 1024,
  /** Links kept of one document: long lists of links are indexes, and each is a row in the store. */
  linksMax: 1_000,
  /** A link longer than this is data in disguise. */
  linkCharactersMax: 2_048,
  /** All links of one document: with the largest text they still fit one blob. */
  linksCharactersMax: 256 * 1024,
  /** A title is one line in a list. */
  titleCharactersMax: 200,
  /** Blobs handed to the store together: as many as its index actor writes in one batch. */
  batchItems: 32,
  /** And their bytes: sixteen chunks of media, which the store carries in some 30 ms. */
  batchBytes: 4 * 1024 * 1024,
} as const

export const networkLimits = {
  /** Connections held, in and out; the workload wants 20. */
  connectionsMax: 50,
  /** Dials under way at once, as in the workload's connect storms. */
  dialsMax: 20,
  /** Peers of the store's list that are dialled; the workload wants 20 connections. */
  dialTargetsMax: 20,
  /** Rows of the peer list looked at for that: the workload's largest list is 1,575. */
  peersListedMax: 2_000,
  /** How often the peer list is read again; the workload's figure. */
  peerListEveryMs: 15_000,
  dialMsMax: 10_000,
  /** The pause after a failed dial doubles from the first to the last. */
  redialMsMin: 250,
  redialMsMax: 30_000,
  /** A connection that ends sooner counts as a failed dial: who hangs up at once is not dialled at once. */
  connectionStableMs: 10_000,
  /** A peer of the list that fails this often in a row, about a minute, makes room for another. */
  failuresMax: 8,
  /** Addresses kept of one peer; the workload's worst is 65. */
  addressesMax: 65,
} as const

export const syncLimits = {
  /** Blobs' names in one page of a listing: 60 KB on the wire. */
  pageItems: 1_000,
  /** Missing blobs' names gathered before they are fetched: about 1 MB, of each of the peers there may be. */
  missingItems: 10_000,
  /** Blobs asked for at once. The workload's rivals went from 10 to 100; small blobs fill this, media the bytes. */
  wantItems: 64,
  /** Bytes answered to one want, but always one blob: both sides hold this much in memory per stream. */
  wantBytes: 4 * 1024 * 1024,
  /** Blobs read from the store at once while answering: bounds what is read in vain when they turn out large. */
  answerReadItems: 8,
  /** The largest request: a want of 64 names needs 4 KB. */
  requestBytesMax: 64 * 1024,
  /** The largest response message: one blob and its envelope. */
  responseBytesMax: blobBytesMax + 64 * 1024,
  /** A name longer than this is no CIDv1 of SHA-256. */
  cidCharactersMax: 128,
  /** What a stream may hold unread: an answer to one want, and the blob that overshot it. */
  readBufferBytesMax: 7 * 1024 * 1024,
  /** How long one message may take, either way. A blob at 1 Mbit/s takes 17 s. */
  messageMsMax: 30_000,
  /** And all messages of the answer to one want, whose blobs nobody else is asked for meanwhile: 4 MiB at 1 Mbit/s take 34 s. */
  answerMsMax: 60_000,
  /** How long a peer may hold back its answer when nothing has changed. */
  waitMsMax: 20_000,
  /** How long a peer may leave its stream without a request: it may be waiting its turn among others it pulls from. */
  idleMsMax: 300_000,
  /** Everything is listed again after this, even if no change was told. */
  relistEveryMs: 60_000,
  /** Changes remembered for peers that wait; one who missed more lists everything again. */
  journalItems: 10_000,
  /** Changes told in one answer. */
  changesItems: 1_000,
  /** Answers taken at once, from all peers: each holds up to `wantBytes` in memory; more would only share the same disk. */
  pullsMax: 4,
  /** Streams one peer may have us answer. It needs one; a reconnect may overlap. */
  answersPerPeerMax: 4,
  /** Refused blobs remembered per peer, so that they are not asked for again in this connection. */
  refusedMax: 10_000,
  /** Names a peer lists but cannot deliver, while it is connected, before we stop asking it. */
  absentMax: 1_000,
  /** Names listed in one pass: a hundred times the workload's largest store, and an end to a list without end. */
  listedMax: 10_000_000,
  /** A peer that breaks the protocol counts as having failed this often, which is a pause of some ten seconds. */
  violationFailures: 6,
  /** The pause after a failed session doubles from the first to the last. */
  retryMsMin: 250,
  retryMsMax: 30_000,
} as const

export const httpLimits = {
  /** Items of one page of any list, and what it is when nothing is asked. */
  itemsMax: 500,
  itemsDefault: 50,
  searchMax: 100,
  searchDefault: 20,
  queryCharactersMax: 500,
  pathCharactersMax: 4_096,
  /** Text rendered as Markdown: parsing holds the event loop about 1 ms per 10 KB. Longer text is shown as it is. */
  renderedCharactersMax: 256 * 1024,
  /** And texts made to hold us up, which would take a minute at that size, are shown as they are, too. */
  renderMsMax: 250,
  /** A browser that sends its request slower than this is not one. */
  requestMsMax: 10_000,
  /** Requests under way when the node stops get this long to end. */
  closeMsMax: 2_000,
  /** One file put together from its chunks; larger ones can be fetched blob by blob. */
  fileBytesMax: 64 * 1024 * 1024,
  /** And from no more blobs than this: cut as here it has some 260, and a stranger's may have one for each byte. */
  fileBlobsMax: 4_096,
} as const

/** From Ctrl-C to the end: network, import, writes and store together. */
export const stopMsMax = 15_000
