// Promise 13: closing ends threads, and nothing else with them. One that is ended while it loads the binding would take the
// process along, in a window too narrow to be met on purpose; so what is shown is that nobody is ended before it has loaded.
import { temporaryFolder } from '@lockkeeper/testkit'
import { expect, it } from 'vitest'
import { openNotes } from '../../fixtures/open-notes.ts'
import { Ending } from './ending.ts'
import { startThread } from './start.ts'

it('waits until the thread has loaded', () => {
  let ended = 0
  const ending = new Ending(() => ended++)
  ending.want()
  expect(ended).toBe(0)
  ending.loaded()
  expect(ended).toBe(1)
})

it('is at once where it has', () => {
  let ended = 0
  const ending = new Ending(() => ended++)
  ending.loaded()
  expect(ended).toBe(0)
  ending.want()
  expect(ended).toBe(1)
})

it('comes to every kind of thread that opens the file, however early it is told', async () => {
  await using folder = await temporaryFolder()
  const file = folder.file('a.db')
  await (await openNotes(file)).close()
  const exits = Array.from(
    { length: 6 },
    () =>
      new Promise<string>((resolve) => {
        const thread = startThread(
          'checkpointer',
          { file, opened: undefined },
          { onMessage: () => {}, onExit: ({ code }) => resolve(code) },
        )
        thread.terminate({ isBusy: false })
        thread.hold()
      }),
  )
  expect(await Promise.all(exits)).toEqual(exits.map(() => 'thread-lost'))
})
