import { expect, test } from 'vitest'
import { Turns } from './turns.ts'

const never = new AbortController().signal

test('so many work at once, the others in the order they came', async () => {
  const turns = new Turns(2)
  const order: string[] = []
  const works = ['a', 'b', 'c', 'd'].map((name) => {
    const started = Promise.withResolvers<void>()
    const gate = Promise.withResolvers<void>()
    const done = turns.take(never, () => {
      order.push(name)
      started.resolve()
      return gate.promise
    })
    return { started: started.promise, open: gate.resolve, done }
  })
  const [a, b, c, d] = works
  await Promise.all([a?.started, b?.started])
  b?.open()
  await Promise.all([b?.done, c?.started])
  expect(order).toEqual(['a', 'b', 'c'])
  for (const { open } of works) open()
  await d?.done
  expect(order).toEqual(['a', 'b', 'c', 'd'])
})

test('work that fails gives its turn on; whoever leaves the queue does not keep it', async () => {
  const turns = new Turns(1)
  const gate = Promise.withResolvers<void>()
  const failing = turns.take(never, async () => {
    await gate.promise
    throw new Error('broken')
  })
  const end = new AbortController()
  const leaving = turns.take(end.signal, async () => 'never')
  const last = turns.take(never, async () => 'done')
  end.abort(new Error('gone'))
  await expect(leaving).rejects.toThrow('gone')
  gate.resolve()
  await expect(failing).rejects.toThrow('broken')
  expect(await last).toBe('done')
})
