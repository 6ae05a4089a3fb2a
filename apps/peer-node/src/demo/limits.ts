/** Every bound of the demo, each with its reason. Times in milliseconds. */
export const demoLimits = {
  /** A node is up in about a second; a busy machine takes longer. */
  startMsMax: 60_000,
  /** More than a node takes to stop at worst, so that it is killed only if it hangs. */
  stopMsMax: 20_000,
  /** One answer of a node; slower is a stall, and the demo should say so. */
  answerMsMax: 30_000,
  /** No new document or blob for so long, and the demo gives up. */
  stallMsMax: 120_000,
  /** Between two looks at the progress: often enough for a bar to move, and next to nothing in load. */
  lookEveryMs: 50,
  /** Between two lines of progress where there is no terminal. */
  lineEveryMs: 1_000,
  /** Between a reader's questions: up to 200 a second to each node, far more than any page would ask. */
  readEveryMs: 5,
  /** Latencies kept: at that rate, hours. */
  latenciesMax: 1_000_000,
  /** Documents whose titles are searched for at the end. */
  searchesAtEnd: 10,
  /** Items of a page of a list; the node's largest. */
  pageItems: 500,
  /** Blobs hashed at once when the nodes' files are compared: at most 16 × 2 MiB in memory. */
  hashedAtOnce: 16,
  /** What is shown of a node's log when it fails. */
  logLines: 5,
} as const
