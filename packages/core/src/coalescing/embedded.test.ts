// The other height: both actors in an app's own XState system, flushing through the writer's.
import { temporaryFolder } from '@lockkeeper/testkit'
import { expect, it } from 'vitest'
import { createActor, setup, waitFor } from 'xstate'
import { GatedFlush, type Peer, peer } from '../../fixtures/gated-flush.ts'
import { type Level, schema } from '../../fixtures/level-procedures.ts'
import { procedures } from '../procedures/reference.ts'
import { createMailbox } from '../writer/assemble.ts'
import { writerMachine } from '../writer/machine.ts'
import { createCoalescer } from './create.ts'
import { flushThrough } from './flush-through.ts'
import { coalescerMachine } from './machine.ts'
import type { EmbeddedCoalescer } from './types.ts'

const url = new URL('../../fixtures/level-procedures.ts', import.meta.url)

const appMachine = setup({
  types: {
    input: {} as { file: string },
    context: {} as { file: string; levels: EmbeddedCoalescer<Level> },
    events: {} as { type: 'seen'; level: Level } | { type: 'leave' },
  },
  actors: { writer: writerMachine, coalescer: coalescerMachine },
}).createMachine({
  context: ({ input, self }) => ({
    file: input.file,
    levels: createCoalescer<Level>({
      name: 'levels',
      key: ({ name }) => name,
      flush: flushThrough({ send: (event) => self.system.get('writer').send(event) }, 'levels.setAll'),
    }),
  }),
  initial: 'working',
  states: {
    working: {
      invoke: [
        {
          src: 'writer',
          id: 'writer',
          systemId: 'writer',
          input: ({ context }) => ({
            file: context.file,
            mailbox: createMailbox(),
            migrations: [{ set: 'test', id: 1, name: 'levels', sql: schema }],
            procedures: { levels: procedures(url) },
          }),
        },
        {
          src: 'coalescer',
          id: 'levels',
          systemId: 'levels',
          input: ({ context }) => context.levels.input,
        },
      ],
      on: {
        seen: {
          actions: ({ event, system }) => system.get('levels').send({ type: 'offer', value: event.level }),
        },
        leave: 'left',
      },
    },
    left: {},
  },
})

it('an app’s own system spawns the coalescer beside the writer, offers by event, and hears of commits (promises 2 and 10)', async () => {
  await using folder = await temporaryFolder()
  const app = createActor(appMachine, { input: { file: folder.file('levels.db') } }).start()
  const { levels } = app.getSnapshot().context
  const writer = app.system.get('writer')
  try {
    app.send({ type: 'seen', level: { name: 'a', level: 1 } })
    app.send({ type: 'seen', level: { name: 'a', level: 2 } })
    app.send({ type: 'seen', level: undefined as unknown as Level }) // the key function throws at it
    const [good, bad] = [levels.put({ name: 'b', level: 3 }), levels.put({ name: 'c', level: -1 })]
    const flushed = levels.flush()
    await good
    expect(await bad.outcome()).toMatchObject({
      outcome: 'not-stored',
      error: { code: 'sqlite-constraint-check' },
    })
    expect(await flushed.outcome()).toMatchObject({ outcome: 'not-stored' })
    expect(levels.counts).toMatchObject({ offered: 5, merged: 1, flushed: 2, dropped: { failed: 2 } })
    expect(levels.counts.causes).toEqual({ 'invalid-argument': 1, 'sqlite-constraint-check': 1 })
    expect(await levels.close()).toEqual({ notWritten: 0 })
  } finally {
    writer.send({ type: 'close', deadlineMs: 1_000 })
    await waitFor(writer, (snapshot: { value: { work: unknown } }) => snapshot.value.work === 'closed')
    app.stop()
  }
})

it('what is held when the app leaves the state that spawned it is given up, told and counted (promise 13)', async () => {
  const levels = createCoalescer<Level>({
    name: 'levels',
    key: ({ name }) => name,
    flush: { name: 'never', call: () => ({ outcome: () => new Promise(() => {}) }) },
  })
  const put = levels.put({ name: 'early', level: 1 }) // before there is an actor
  const parent = setup({ actors: { coalescer: coalescerMachine } }).createMachine({
    initial: 'working',
    states: {
      working: { invoke: { src: 'coalescer', input: () => levels.input }, on: { leave: 'left' } },
      left: {},
    },
  })
  const app = createActor(parent).start()
  app.send({ type: 'leave' })
  expect(await put.outcome()).toMatchObject({ outcome: 'not-stored', error: { code: 'closed' } })
  expect(levels.offer({ name: 'late', level: 1 })).toBe(false)
  expect(levels.counts.dropped.closed).toBe(2)
  expect(await levels.close()).toEqual({ notWritten: 1 })
  app.stop()
})

it('without an actor, closing gives up at once what is held', async () => {
  const levels = createCoalescer<Level>({
    name: 'levels',
    key: ({ name }) => name,
    flush: { name: 'never', call: () => ({ outcome: () => new Promise(() => {}) }) },
  })
  levels.offer({ name: 'a', level: 1 })
  expect(await levels.close()).toEqual({ notWritten: 1 })
})

it('values that come between the making of its actor and its start are flushed like any other', async () => {
  const flush = new GatedFlush()
  const peers = createCoalescer<Peer>({ name: 'peers', key: ({ id }) => id, flush, itemsMax: 2 })
  const actor = createActor(coalescerMachine, { input: peers.input })
  for (const id of ['a', 'b']) peers.offer(peer(id))
  actor.start()
  const flight = await flush.next()
  expect(flight.values).toEqual([peer('a'), peer('b')])
  flight.commit()
  expect(await peers.close()).toEqual({ notWritten: 0 })
})

it('a writer’s actor that has ended is told apart from one that is slow: nobody waits for its answer (promise 3)', async () => {
  const ended = { send: () => {}, getSnapshot: () => ({ status: 'done' }) }
  const peers = createCoalescer<Peer>({
    name: 'peers',
    key: ({ id }) => id,
    flush: flushThrough(ended, 'peers.upsertMany'),
  })
  createActor(coalescerMachine, { input: peers.input }).start()
  const put = peers.put(peer('a')).outcome()
  void peers.flush()
  expect(await put).toMatchObject({ outcome: 'not-stored', error: { code: 'closed' } })
  expect(await peers.close()).toEqual({ notWritten: 0 })
})
