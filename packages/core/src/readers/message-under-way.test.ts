// Promise 7: what shares a message with a slow read does not wait for it, and is answered once.
import { expect, it } from 'vitest'
import { MessageUnderWay } from './message-under-way.ts'
import { PendingRead } from './pending-read.ts'

const readOf = (sql: string): PendingRead =>
  new PendingRead({
    work: { kind: 'query', sql, parameters: undefined, shape: 'objects' },
    label: sql,
    answer: () => {},
    fail: () => {},
  })

it('what stands before or behind a slow read leaves the message, and its answers there are nobody’s', () => {
  const reads = ['a', 'b', 'slow', 'c', 'd'].map(readOf)
  const [a, b, slow, c, d] = reads
  const message = new MessageUnderWay()
  const { first } = message.begin([...reads], 0)
  expect(message.cutFrom(first + 3)).toEqual([c, d])
  expect(message.cutBefore(first + 2)).toEqual([a, b])
  expect(message.cutBefore(first + 2)).toEqual([])
  expect(message.reads.includes(a as PendingRead)).toBe(false)
  expect(message.readOf(first + 2)).toBe(slow)
  const rest = message.end()
  expect(rest.map((read) => read.settled)).toEqual([true, true, false])
  expect(rest[2]).toBe(slow)
  expect(message.isOver).toBe(true)
})

it('a read that was given up is not run again elsewhere', () => {
  const [a, slow] = [readOf('a'), readOf('slow')]
  const message = new MessageUnderWay()
  const { first } = message.begin([a, slow], 0)
  a.answer({ kind: 'output', output: 1 })
  expect(message.cutBefore(first + 1)).toEqual([])
})
