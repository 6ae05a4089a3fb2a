import { recordLimits } from '../limits.ts'
import { codecs } from './cid.ts'
import { nameOf } from './multihash.ts'
import { type Check, checkedBy, isText, isTime, signedChecks } from './shape.ts'

const checks: Readonly<Record<string, Check>> = {
  type: (value) => value === 'comment',
  on: (value) => typeof value === 'string' && nameOf(value)?.codec === codecs.dagCbor,
  text: (value) => isText(value, recordLimits.commentCharactersMax),
  time: isTime,
  ...signedChecks,
}

/** What keeps a value from being a comment, in words; undefined if nothing does. */
export const commentFault = checkedBy('comment', checks)
