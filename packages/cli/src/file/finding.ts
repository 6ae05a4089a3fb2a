import type { Finding } from '@lockkeeper/core'

/** What can be wrong with a file, seen from outside. `docs/doctor.md` says of each what it goes by. */
export type FileFindingKind =
  | 'damage'
  | 'older-file'
  | 'remote-file-system'
  | 'orphans'
  | 'rights'
  | 'rollback-journal'
  | 'long-log'
  | 'log-left-behind'
  | 'scan'
  | 'auto-vacuum'
  | 'free-pages'
  | 'small-pages'

/** One thing that is wrong with a file, in plain words: as a finding about a report, with a kind of its own. */
export type FileFinding = Omit<Finding, 'kind'> & { readonly kind: FileFindingKind }
