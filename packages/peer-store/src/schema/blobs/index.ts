import { blobs } from './201-blobs.ts'
import { records } from './202-records.ts'
import { texts } from './203-texts.ts'
import { marks } from './204-marks.ts'
import { attributesByValue } from './205-attributes.ts'
import { textMerges } from './206-text-merges.ts'

/** Blobs by multihash, and all that is derived from them. */
export const blobMigrations = [blobs, records, texts, marks, attributesByValue, textMerges] as const
