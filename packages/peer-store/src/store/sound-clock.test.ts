import { expect, test } from 'vitest'
import { soundTime } from './sound-clock.ts'

test('times are set back to now, and by no clock that is behind', () => {
  const [start, later] = [Date.UTC(2026, 0, 1), Date.UTC(2026, 0, 3)]
  expect(soundTime(start, later)).toBe(later) // a job that was left from an earlier start
  expect(soundTime(later, start)).toBe(later)
  expect(soundTime(5, 60_000)).toBe(undefined) // a machine that has not learned the time
})
