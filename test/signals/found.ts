import { locateSignals } from '@lockkeeper/signals'
import { describe } from 'vitest'

const location = locateSignals()

/** Where the extension is. Only for what runs because it was found. */
export function extensionPath(): string {
  if (location.path === undefined) throw new Error(location.reason)
  return location.path
}

/** What can only be tested with the extension. Without it the report says, in the group's name, why it is left out. */
export const describeWithSignals: (name: string, tests: () => void) => void = (name, tests) => {
  if (location.path !== undefined) describe(name, tests)
  else describe.skipIf(true)(`${name} (left out: ${location.reason})`, tests)
}
