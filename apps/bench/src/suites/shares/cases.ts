import type { Case } from '../suite.ts'
import type { LoadName } from './loads.ts'

/** Which of the two have the signals extension: both, none, or only the first. */
export const withSignals = { both: [true, true], none: [false, false], one: [true, false] } as const

export type WithSignals = keyof typeof withSignals

const pairs: readonly (readonly [LoadName, LoadName])[] = [
  ['one_row', 'one_row'],
  ['callers', 'callers'],
  ['bulk', 'bulk'],
  ['one_row', 'callers'],
  ['one_row', 'bulk'],
  ['callers', 'bulk'],
]

const caseName = (first: LoadName, second: LoadName): string => `${first}_${second}`

const even = new Set(pairs.filter(([first, second]) => first === second).map((pair) => caseName(...pair)))

/** Whether the two do the same. */
export const isEven = (name: string): boolean => even.has(name)

/** Every pair of loads, with the extension in both processes, in none, and in the first alone. */
export const cases: readonly Case[] = pairs.map(([first, second]) => ({
  name: caseName(first, second),
  subjects: (Object.keys(withSignals) as WithSignals[]).map((name) => ({
    name,
    load: async () => {
      const { share } = await import('./share.ts')
      const [inFirst, inSecond] = withSignals[name]
      return share({ load: first, signals: inFirst }, { load: second, signals: inSecond })
    },
  })),
}))
