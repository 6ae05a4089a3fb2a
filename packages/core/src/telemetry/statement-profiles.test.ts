// Statements of all threads add up by text and thread, and what data makes of texts can't fill memory (promise 12).
import { expect, it } from 'vitest'
import { statementsProfiledMax, statementsReportedMax } from '../limits.ts'
import { StatementProfiles } from './statement-profiles.ts'

const of = (sql: string, totalMs: number) => ({
  sql,
  runs: 1,
  totalMs,
  longestMs: totalMs,
  scanSteps: 3,
  sorts: 1,
  autoIndexes: 0,
  vmSteps: 10,
})

it('adds up what the threads hand over, by text and kind of thread, the slowest first', () => {
  const profiles = new StatementProfiles()
  profiles.add('reader', [of('select 1', 2), of('select 2', 9)])
  profiles.add('reader', [of('select 1', 5)])
  profiles.add('writer', [of('select 1', 1)])
  expect(profiles.slowest()).toEqual([
    { ...of('select 2', 9), on: 'reader' },
    { ...of('select 1', 7), on: 'reader', runs: 2, longestMs: 5, scanSteps: 6, sorts: 2, vmSteps: 20 },
    { ...of('select 1', 1), on: 'writer' },
  ])
})

it('counts what comes after so many texts as other', () => {
  const profiles = new StatementProfiles()
  for (let n = 0; n < statementsProfiledMax; n++) profiles.add('writer', [of(`insert ${n}`, 0)])
  profiles.add('writer', [of('one more', 100)])
  profiles.add('writer', [of('and another', 100)])
  profiles.add('writer', [of('insert 7', 300)])
  expect(profiles.slowest().slice(0, 2)).toMatchObject([
    { sql: 'insert 7', totalMs: 300 },
    { sql: 'other', totalMs: 200 },
  ])
  expect(profiles.slowest()).toHaveLength(statementsReportedMax)
})
