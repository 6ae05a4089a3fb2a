import { describe, expect, it } from 'vitest'
import { suites } from './registry.ts'

describe.each(suites)('the ratios of the suite $name', ({ ratios, cases }) => {
  it('rest on cases and subjects that the suite has', () => {
    const asked: string[] = []
    for (const { of } of ratios) {
      of((inCase, subject) => {
        asked.push(`${inCase}, ${subject}`)
        return 1
      })
    }
    const known = cases.flatMap(({ name, subjects }) => subjects.map((subject) => `${name}, ${subject.name}`))
    expect(known).toEqual(expect.arrayContaining(asked))
  })
})
