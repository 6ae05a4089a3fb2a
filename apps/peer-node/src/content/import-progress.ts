/** How far an import has come, as shown in the status. */
export interface ImportStatus {
  readonly state: 'none' | 'running' | 'done' | 'failed' | 'stopped'
  /** Files taken in or skipped. */
  readonly done: number
  /** Files found so far; it grows until all folders have been looked into. */
  readonly total: number
  readonly documents: number
  readonly media: number
  /** Files left out, and folders that could not be looked into. */
  readonly skipped: number
  /** CIDs of the manifests of the imported folders' media. */
  readonly manifests: readonly string[]
  /** Why the import failed. */
  readonly error: string | undefined
}

export const noImport: ImportStatus = {
  state: 'none',
  done: 0,
  total: 0,
  documents: 0,
  media: 0,
  skipped: 0,
  manifests: [],
  error: undefined,
}
