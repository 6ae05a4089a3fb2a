import { shareMin } from '../../limits.ts'
import type { Ratio } from '../suite.ts'
import { cases, isEven } from './cases.ts'

/**
 * Promised is a share to processes that do the same. Where they differ, the figures are only shown: who asks for the lock more
 * seldom, with more rows each time, has fewer commits however fairly it is given.
 */
export const ratios: readonly Ratio[] = cases
  .filter((one) => isEven(one.name))
  .flatMap(({ name, subjects }) =>
    subjects.map((subject) => ({
      name: `${name}, signals in ${subject.name}`,
      goal: 1,
      meaning: `the smaller process’s share of all commits ÷ ${shareMin} %`,
      of: (median) => median(name, subject.name, 'smaller_share') / shareMin,
    })),
  )
