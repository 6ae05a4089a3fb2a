/** How far the pull from one peer has come, as shown in the status. */
export interface PullProgress {
  readonly peer: string
  readonly state: 'connecting' | 'queued' | 'listing' | 'fetching' | 'up-to-date' | 'retrying' | 'ended'
  /** Blobs the peer has that are not stored here, as far as they have been listed. */
  readonly missing: number
  /** Blobs received and stored, since this node started. */
  readonly received: number
  readonly bytes: number
  /** Blobs that came and failed a check. */
  readonly refused: number
  /** Blobs the peer listed and then did not have. */
  readonly absent: number
  /** Conversations that failed. */
  readonly failures: number
  readonly lastError: string | undefined
}

export function newPull(peer: string): PullProgress {
  return {
    peer,
    state: 'connecting',
    missing: 0,
    received: 0,
    bytes: 0,
    refused: 0,
    absent: 0,
    failures: 0,
    lastError: undefined,
  }
}
