// Promise 16: slow reads are told of, and a storm of them is no storm of events.
import { describe, expect, it } from 'vitest'
import { labelsMax, slowReadPauseMs } from '../limits.ts'
import { ToldLabels } from './told-labels.ts'

describe('a label', () => {
  it('is told of at most once in a while, each by itself', () => {
    const told = new ToldLabels()
    expect([told.tell('a', 0), told.tell('a', 1), told.tell('b', 1), told.tell(undefined, 1)]).toEqual([
      true,
      false,
      true,
      true,
    ])
    expect([told.tell('a', slowReadPauseMs - 1), told.tell(undefined, slowReadPauseMs - 1)]).toEqual([
      false,
      false,
    ])
    expect([told.tell('a', slowReadPauseMs), told.tell('b', slowReadPauseMs)]).toEqual([true, false])
    expect(told.tell('b', slowReadPauseMs + 1)).toBe(true)
  })

  it('made from data does not fill memory: past the bound the rest is told of as one, until the others are forgotten', () => {
    const told = new ToldLabels()
    for (let n = 0; n < labelsMax; n++) expect(told.tell(`label ${n}`, 0)).toBe(true)
    expect([told.tell('one more', 1), told.tell('and another', 1)]).toEqual([true, false])
    expect([told.tell('and another', slowReadPauseMs), told.tell('one more', slowReadPauseMs)]).toEqual([
      true,
      true,
    ])
  })
})
