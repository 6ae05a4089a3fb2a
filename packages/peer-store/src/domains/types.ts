export type DomainStatus = 'ok' | 'failed'

/** How a check of a domain went. */
export interface DomainCheck {
  /** A host name, with a port if it is not the usual one: `example.com`, `localhost:3000`. */
  readonly name: string
  readonly status: DomainStatus
  /** Milliseconds since 1970. */
  readonly checkedAt: number
  /** What the domain says of itself, as JSON text; only with status `ok`. It stays until another is told. */
  readonly config?: string | undefined
  /** Why it failed. */
  readonly error?: string | undefined
}

export interface DomainRow {
  readonly name: string
  readonly status: DomainStatus
  /** Up to 60 s late while checks keep saying the same. Times in milliseconds since 1970; 0 is never. */
  readonly checkedAt: number
  readonly succeededAt: number
  readonly failedAt: number
  /** Why the last failed check failed; kept when the domain works again. */
  readonly error: string | null
  readonly config: string | null
}

export type DomainRefusal =
  /** Not a host name. */
  | 'bad-name'
  /** Not of the shape of a check. */
  | 'bad-check'
  /** Not JSON, larger than 16 KB, or nested deeper than 64 levels. */
  | 'bad-config'

/**
 * Checks by what became of them. Each is in exactly one place: `reported = unchanged + refused + held + merged + stored + dropped
 * (full, failed, closed)`.
 */
export interface DomainWriterCounts {
  readonly reported: number
  /** Said nothing new, and went no further. */
  readonly unchanged: number
  /** Not written yet. */
  readonly held: number
  /** Went on inside a newer check of the same domain. */
  readonly merged: number
  /** Committed. */
  readonly stored: number
  readonly refused: Readonly<Record<DomainRefusal, number>>
  /** Rows that changed in the file. */
  readonly rowsWritten: number
  readonly dropped: { readonly full: number; readonly failed: number; readonly closed: number }
}
