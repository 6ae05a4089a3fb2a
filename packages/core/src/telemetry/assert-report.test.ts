// What comes from a file or a URL is checked once, so that nothing after it has to doubt it.
import { seeded } from '@lockkeeper/testkit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyReport } from '../../fixtures/situations/any-report.ts'
import { badDay } from '../../fixtures/situations/several.ts'
import { isLockkeeperError } from '../errors/lockkeeper-error.ts'
import { assertReport } from './assert-report.ts'
import { formatReport } from './format-report.ts'

const saved = (): typeof badDay => JSON.parse(JSON.stringify(badDay)) as typeof badDay

function refusal(value: unknown): string {
  try {
    assertReport(value)
  } catch (error) {
    if (isLockkeeperError(error, 'invalid-report')) return error.message
    throw error
  }
  return 'taken'
}

/** The value with one of its parts, somewhere, replaced. */
function withPart(value: unknown, path: readonly string[], part: unknown): unknown {
  const [name, ...rest] = path
  if (name === undefined) return part
  if (Array.isArray(value))
    return value.map((entry, at) => (String(at) === name ? withPart(entry, rest, part) : entry))
  const object = value as Record<string, unknown>
  return { ...object, [name]: withPart(object[name], rest, part) }
}

function pathsOf(value: unknown): string[][] {
  if (typeof value !== 'object' || value === null) return [[]]
  return Object.entries(value).flatMap(([name, inner]) => [
    [name],
    ...pathsOf(inner).map((path) => [name, ...path]),
  ])
}

describe('assertReport', () => {
  it('takes a report as JSON has it, and one with fields that came later', () => {
    expect(refusal(saved())).toBe('taken')
    expect(refusal({ ...saved(), added: { later: true } })).toBe('taken')
  })

  it('takes any report of the shape', () => {
    fc.assert(
      fc.property(anyReport, (report) => {
        expect(refusal(report)).toBe('taken')
      }),
      seeded('assert any report', 300),
    )
  })

  it.each([[null], [undefined], ['{}'], [7], [[]], [{}]])('says that %j is no report', (value) => {
    expect(refusal(value)).toMatch(/no report: it has no `version`/)
  })

  it('names another version, and what to do about it', () => {
    expect(refusal({ ...saved(), version: 2 })).toMatch(/version 2, and this copy .* reads version 1/)
    expect(refusal({ ...saved(), version: '1' })).toMatch(/version of type string/)
  })

  it('names the field that is off', () => {
    const { ledger } = saved()
    expect(refusal({ ...saved(), lanes: { user: {} } })).toMatch(/`lanes\.user\.depth` should be a number/)
    expect(refusal({ ...saved(), ledger: { ...ledger, writes: [{}] } })).toMatch(
      /`ledger\.writes\[0\]\.label` should be a string/,
    )
    expect(refusal({ ...saved(), wal: null })).toMatch(/`wal` should be an object/)
  })

  it('takes what the text can be made of, and refuses the rest: any part replaced by anything', () => {
    const paths = pathsOf(saved())
    let refused = 0
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.jsonValue(), (path, part) => {
        const value: unknown = withPart(saved(), path, part)
        if (refusal(value) === 'taken') {
          assertReport(value)
          formatReport(value)
        } else refused++
      }),
      seeded('report with a part replaced', 1_000),
    )
    expect(refused).toBeGreaterThan(100)
  })
})
