import { recordLimits } from '../limits.ts'
import { type Check, checkedBy, isMap, isText, isTime, signedChecks } from './shape.ts'

const controlCharacter = /\p{Cc}/u
const lineBreak = /[\r\n\u2028\u2029]/

const required: Readonly<Record<string, Check>> = {
  title: (value) => isText(value, recordLimits.titleCharactersMax) && !lineBreak.test(value),
  path: isPath,
  text: (value) => isText(value, recordLimits.blobBytesMax),
  links: (value) =>
    Array.isArray(value) &&
    value.length <= recordLimits.linksMax &&
    value.every((link) => isText(link, recordLimits.linkCharactersMax)),
  time: isTime,
  ...signedChecks,
}

const optional: Readonly<Record<string, Check>> = {
  attributes: (value) =>
    isMap(value) &&
    Object.keys(value).length <= recordLimits.attributesMax &&
    Object.entries(value).every(
      ([key, said]) =>
        isText(key, recordLimits.attributeKeyCharactersMax) &&
        isText(said, recordLimits.attributeValueCharactersMax),
    ),
}

/** What keeps a value from being a document, in words; undefined if nothing does. */
export const documentFault = checkedBy('document', required, optional)

/** `guides/start.md`: relative, with no empty, `.` or `..` part, so that one place has one spelling. */
function isPath(value: unknown): boolean {
  if (!isText(value, recordLimits.pathCharactersMax) || controlCharacter.test(value)) return false
  return value.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
}
