import { assertReport, isLockkeeperError, type Report } from '@lockkeeper/core'
import { RefusedError } from '../command/refused-error.ts'

/** @throws RefusedError naming where the text came from, and what is wrong with it. */
export function parseReport(text: string, from: string): Report {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new RefusedError(`${from} is not JSON: ${(error as Error).message}`)
  }
  try {
    assertReport(value)
    return value
  } catch (error) {
    if (isLockkeeperError(error)) throw new RefusedError(`${from}: ${error.message}`)
    throw error
  }
}
