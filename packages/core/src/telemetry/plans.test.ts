// Issue 8: the plan of a slow statement is asked for later, once, one at a time; looking at what is slow is no load of its own.
import { simulatedClock } from '@lockkeeper/testkit'
import { expect, it } from 'vitest'
import { Plans } from './plans.ts'

/** Plans whose answers the test gives. */
function played() {
  const clock = simulatedClock()
  const asked: string[] = []
  let answer: { resolve: (plan: string[]) => void; reject: (error: Error) => void } | undefined
  const plans = new Plans(clock, (sql) => {
    asked.push(sql)
    return new Promise((resolve, reject) => {
      answer = { resolve, reject }
    })
  })
  const turn = () => new Promise((resolve) => setImmediate(resolve))
  return {
    clock,
    asked,
    plans,
    want: (sql: string) => plans.want(sql),
    answers: async (plan: string[] | Error) => {
      if (plan instanceof Error) answer?.reject(plan)
      else answer?.resolve(plan)
      await turn()
    },
  }
}

it('asks once for each text, some time later, the next only once one has been answered', async () => {
  const { clock, asked, plans, want, answers } = played()
  for (const sql of ['a', 'b', 'a']) want(sql)
  expect(asked).toEqual([])
  clock.advance(10_000)
  expect(asked).toEqual(['a'])
  await answers(['SCAN a'])
  want('a')
  clock.advance(10_000)
  expect(asked).toEqual(['a', 'b'])
  expect([plans.of('a'), plans.of('b')]).toEqual([['SCAN a'], undefined])
})

it('goes on after one that failed, which has none', async () => {
  const { clock, asked, plans, want, answers } = played()
  for (const sql of ['a', 'b']) want(sql)
  clock.advance(10_000)
  await answers(new Error('no such table'))
  clock.advance(10_000)
  await answers(['SCAN b'])
  expect([asked, plans.of('a'), plans.of('b')]).toEqual([['a', 'b'], undefined, ['SCAN b']])
})

it('asks for nothing once it has ended, and has no timer left', () => {
  const { clock, asked, plans, want } = played()
  want('a')
  plans.end()
  want('b')
  clock.advance(10_000)
  expect([asked, clock.timers]).toEqual([[], 0])
})

it('forgets the oldest where texts never end', () => {
  const { plans, want, clock, asked } = played()
  for (let n = 0; n < 500; n++) want(`select ${n}`)
  expect(plans.waiting).toBe(100)
  clock.advance(1_000)
  expect([asked, plans.of('select 0')]).toEqual([['select 400'], undefined])
})
