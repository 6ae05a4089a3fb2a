// The text is for people, so it is looked at as a whole: fixtures/situations/bad-day.txt is what a person would see.
import { readFileSync } from 'node:fs'
import { fileURLToPath, URL } from 'node:url'
import { expect, it } from 'vitest'
import { situation } from '../../fixtures/situations/build.ts'
import { busyAndWell, empty } from '../../fixtures/situations/calm.ts'
import { badDay } from '../../fixtures/situations/several.ts'
import { formatReport } from './format-report.ts'
import { columnsOf } from './text/terminal.ts'

const golden = readFileSync(
  fileURLToPath(new URL('../../fixtures/situations/bad-day.txt', import.meta.url)),
  'utf8',
)
const esc = '\u001B'

it('shows a bad day as it is written down', () => {
  expect(`${formatReport(badDay)}\n`).toBe(golden)
})

it('has the verdict before everything else but the names of the file and its states', () => {
  const headings = formatReport(badDay)
    .split('\n\n')
    .map((part) => part.split('\n')[0] ?? '')
  expect(headings[0]).toMatch(/^Lockkeeper report of node\.db/)
  expect(headings[1]).toBe('Verdict: 5 findings, most serious first')
})

it('fits 100 columns, or fewer where asked', () => {
  for (const [options, columns] of [
    [{}, 100],
    [{ width: 72 }, 72],
    [{ width: 5 }, 40],
  ] as const)
    for (const line of formatReport(badDay, options).split('\n'))
      expect(columnsOf(line)).toBeLessThanOrEqual(columns)
})

it('says so where nothing stands out', () => {
  expect(formatReport(busyAndWell)).toContain('Verdict: nothing stands out')
  expect(formatReport(empty)).toContain('nobody waited')
})

it('says that there is no ledger where telemetry is off', () => {
  const text = formatReport({ ...badDay, ledger: undefined, wal: undefined })
  expect(text).toContain('no ledger')
  expect(text).not.toContain('Who waited for whom')
})

it('colours only on request, and the text stays the same', () => {
  expect(formatReport(badDay)).not.toContain(esc)
  const coloured = formatReport(badDay, { color: true })
  expect(coloured).toContain(`${esc}[33mmedium holder${esc}[0m`)
  expect(coloured.replaceAll(new RegExp(`${esc}\\[\\d+m`, 'g'), '')).toBe(formatReport(badDay))
})

it('keeps columns aligned beside labels of wide and combining characters', () => {
  const lines = formatReport(
    situation({
      writes: { 名前の保存: { committed: 9 }, 'cafe\u0301.save': { committed: 8 }, plain: { committed: 7 } },
    }),
  ).split('\n')
  const rows = lines.filter((line) => /(名前|cafe|plain).* user /.test(line))
  expect(rows).toHaveLength(3)
  expect(new Set(rows.map((line) => columnsOf(line.slice(0, line.indexOf(' user '))))).size).toBe(1)
})

it('shows control characters of labels as dots: a report may come from anywhere', () => {
  const text = formatReport(situation({ writes: { [`${esc}]0;owned\u0007\nx`]: { committed: 1 } } }))
  expect(text).toContain('·]0;owned· x')
})
