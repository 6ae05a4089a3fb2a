import { work as blobWork } from '../subjects/blob-work.ts'

/** The work of `blob-work.ts` on a database whose tables are there already: its migrations can be run once only. */
export const work = { ...blobWork, tables: '' }
