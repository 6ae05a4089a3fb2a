// Whatever a report says, judging and printing it neither throws nor claims anything without numbers: it can come from a file.
import { seeded } from '@lockkeeper/testkit'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { anyReport } from '../../../fixtures/situations/any-report.ts'
import { connectStorm } from '../../../fixtures/situations/connect-storm.ts'
import { badDay } from '../../../fixtures/situations/several.ts'
import { assertReport } from '../assert-report.ts'
import { formatReport } from '../format-report.ts'
import { columnsOf } from '../text/terminal.ts'
import { diagnose } from './diagnose.ts'

const severities = ['high', 'medium', 'low']

it('judges any report: sorted findings, each with numbers and a remedy, the same each time', () => {
  let findings = 0
  fc.assert(
    fc.property(anyReport, (report) => {
      const found = diagnose(report)
      findings += found.length
      expect(diagnose(structuredClone(report))).toEqual(found)
      const ranks = found.map(({ severity }) => severities.indexOf(severity))
      expect(ranks).toEqual(ranks.toSorted((one, other) => one - other))
      for (const { headline, evidence, remedy } of found) {
        expect(headline).not.toMatch(/NaN|undefined|Infinity|\[object/)
        expect(evidence.join()).toMatch(/\d/)
        expect(evidence.join()).not.toMatch(/NaN|undefined|Infinity|\[object/)
        expect(remedy.length).toBeGreaterThan(20)
      }
    }),
    seeded('diagnose any report', 2_000),
  )
  expect(findings).toBeGreaterThan(100)
})

it('prints any report within the width, and nothing that steers a terminal', () => {
  fc.assert(
    fc.property(anyReport, fc.integer({ min: 40, max: 160 }), (report, width) => {
      const text = formatReport(report, { width })
      for (const line of text.split('\n')) expect(columnsOf(line)).toBeLessThanOrEqual(width)
      expect(text).not.toMatch(/[^\P{Cc}\n]|\p{Cf}/u)
    }),
    seeded('print any report', 500),
  )
})

it('judges a report alike before and after it was saved as JSON', () => {
  for (const report of [connectStorm, badDay]) {
    const saved: unknown = JSON.parse(JSON.stringify(report))
    assertReport(saved)
    expect(diagnose(saved)).toEqual(diagnose(report))
    expect(formatReport(saved)).toBe(formatReport(report))
  }
})
