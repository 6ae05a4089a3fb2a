import { createContext, Script } from 'node:vm'

const call = new Script('work()')
const place: { work: (() => unknown) | undefined } = { work: undefined }
const context = createContext(place)

/**
 * Does synchronous work, but not for long: there are texts for which Markdown parsers take the square of their length, and
 * while one is parsed the whole node waits. V8 breaks the work off wherever it is, so it must leave nothing half done behind.
 * @throws what the work throws; an error with the code ERR_SCRIPT_EXECUTION_TIMEOUT when the time is over.
 */
export function withinTime<Result>(msMax: number, work: () => Result): Result {
  place.work = work
  try {
    return call.runInContext(context, { timeout: msMax }) as Result
  } finally {
    place.work = undefined
  }
}
