import fc from 'fast-check'
import { expect, test } from 'vitest'
import { syncLimits } from '../limits.ts'
import { Journal } from './journal.ts'

const never = new AbortController().signal

test('whoever follows the journal from any position hears of everything after it, in order, once', () => {
  const batches = fc.array(fc.integer({ min: 0, max: 2_500 }), { minLength: 1, maxLength: 12 })
  fc.assert(
    fc.property(batches, fc.nat(), (sizes, choice) => {
      const journal = new Journal()
      const start = choice % sizes.length
      const added: string[] = []
      let position = journal.position
      for (const [batch, size] of sizes.entries()) {
        if (batch === start) position = journal.position
        const cids = Array.from({ length: size }, (_, n) => `${batch}-${n}`)
        if (batch >= start) added.push(...cids)
        journal.add(cids)
      }
      const heard: string[] = []
      for (;;) {
        const changes = journal.since(position)
        if (changes === undefined) {
          expect(added.length).toBeGreaterThan(syncLimits.journalItems)
          return
        }
        if (changes.cids.length === 0) break
        expect(changes.cids.length).toBeLessThanOrEqual(syncLimits.changesItems)
        heard.push(...changes.cids)
        position = changes.position
      }
      expect(heard).toEqual(added)
    }),
  )
})

test('a position of another epoch, from before what is remembered, or from the future is not known', () => {
  const journal = new Journal()
  const { epoch } = journal.position
  for (let n = 0; n < 4; n++)
    journal.add(Array.from({ length: syncLimits.journalItems }, (_, m) => `${n}-${m}`))
  expect(journal.since({ epoch: 'another', index: 0 })).toBeUndefined()
  expect(journal.since({ epoch, index: 0 })).toBeUndefined()
  expect(journal.since({ epoch, index: journal.position.index + 1 })).toBeUndefined()
  expect(journal.since({ epoch, index: -1 })).toBeUndefined()
  expect(journal.since(journal.position)).toEqual({ cids: [], position: journal.position })
})

test('a wait ends with the next change, or with its signal', async () => {
  const journal = new Journal()
  const waiting = journal.waitPast(journal.position, never)
  journal.add([])
  journal.add(['a'])
  await waiting
  const end = new AbortController()
  const aborted = journal.waitPast(journal.position, end.signal)
  end.abort()
  await aborted
  expect(journal.since(journal.position)?.cids).toEqual([])
})
