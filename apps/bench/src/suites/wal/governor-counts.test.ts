import { describe, expect, it } from 'vitest'
import { governorCounts } from './governor-counts.ts'

describe('the counts of the governor', () => {
  it('are measured where a report has them, and nothing is where it has none', () => {
    const wal = { copies: 12, finishes: 3, finishMsMax: 4.5, gaps: 2 }
    expect(governorCounts({ file: 'a.db', wal })).toEqual({
      checkpoints: { value: 12, unit: 'count' },
      finishes: { value: 3, unit: 'count' },
      finish_max: { value: 4.5, unit: 'ms' },
      gaps: { value: 2, unit: 'count' },
    })
    expect(governorCounts({ file: 'a.db', wal: undefined })).toEqual({})
    expect(governorCounts({ file: 'a.db' })).toEqual({})
  })
})
