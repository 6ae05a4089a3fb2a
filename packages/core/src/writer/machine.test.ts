// The writer's machine in an actor system of the app's own: the same promises (2, 3, 10), reached by events.
import { join } from 'node:path'
import { temporaryFolder } from '@lockkeeper/testkit'
import { expect, it } from 'vitest'
import { createActor, setup, waitFor } from 'xstate'
import { schema } from '../../fixtures/notes-procedures.ts'
import { procedures } from '../procedures/reference.ts'
import { createMailbox } from './assemble.ts'
import { writerMachine } from './machine.ts'
import type { WriteEvent, WriteSettled } from './write-event.ts'

/** An app's own machine: spawns the writer, sends it writes, collects the replies. */
const appMachine = setup({
  types: {
    input: {} as { file: string },
    context: {} as { file: string; settled: WriteSettled[] },
    events: {} as WriteSettled | (Omit<WriteEvent, 'type' | 'replyTo'> & { type: 'ask' }) | { type: 'close' },
  },
  actors: { writer: writerMachine },
}).createMachine({
  context: ({ input }) => ({ file: input.file, settled: [] }),
  invoke: {
    src: 'writer',
    id: 'writer',
    systemId: 'writer',
    input: ({ context }) => ({
      file: context.file,
      mailbox: createMailbox(),
      migrations: [{ set: 'test', id: 1, name: 'notes', sql: schema }],
      procedures: { notes: procedures(new URL('../../fixtures/notes-procedures.ts', import.meta.url)) },
    }),
  },
  on: {
    ask: {
      actions: ({ event, system, self }) => {
        const { write, options, id } = event
        system.get('writer').send({ type: 'write', write, options, id, replyTo: self })
      },
    },
    'write.settled': { actions: ({ context, event }) => context.settled.push(event) },
    close: { actions: ({ system }) => system.get('writer').send({ type: 'close', deadlineMs: 1_000 }) },
  },
})

it('takes writes of every kind as events and answers each after its commit', async () => {
  await using folder = await temporaryFolder()
  const file = join(folder.path, 'notes.db')
  const app = createActor(appMachine, { input: { file } })
  app.start()
  const ask = (id: string, write: WriteEvent['write']): void => app.send({ type: 'ask', id, write })
  ask('statement', { sql: 'insert into notes (id) values (?)', parameters: [1] })
  ask('atomic', {
    statements: [['insert into notes (id) values (?)', [2]], 'update notes set id = 3 where id = 2'],
  })
  ask('many', { sql: 'insert into notes (id) values (?)', rows: [[4], [5]] })
  ask('procedure', { procedure: 'notes.add', input: { id: 6, body: 'six' } })
  ask('bad', { sql: 'insert into notes (id) values (?)', parameters: [1] })
  await waitFor(app, ({ context }) => context.settled.length === 5)
  const outcomes = new Map(app.getSnapshot().context.settled.map(({ id, outcome }) => [id, outcome]))
  for (const id of ['statement', 'atomic', 'many', 'procedure']) {
    expect(outcomes.get(id), id).toMatchObject({ outcome: 'committed' })
  }
  expect(outcomes.get('bad')).toMatchObject({ outcome: 'not-stored', error: { stage: 'execute' } })
  const writer = app.system.get('writer')
  app.send({ type: 'close' })
  await waitFor(writer, (snapshot: { value: { work: unknown } }) => snapshot.value.work === 'closed')
  app.stop()
})

it('refuses a file that is open in this process already, and gives it free once its thread has gone', async () => {
  await using folder = await temporaryFolder()
  const file = join(folder.path, 'notes.db')
  const open = () => {
    const writer = createActor(writerMachine, { input: { file, mailbox: createMailbox() } })
    writer.start()
    return writer
  }
  const first = open()
  await waitFor(first, ({ value }) => JSON.stringify(value).includes('idle'))
  const second = open()
  await waitFor(second, ({ value }) => value.work === 'refused')
  expect(second.getSnapshot().context.error).toMatchObject({ code: 'already-open', stage: 'open' })
  first.send({ type: 'close', deadlineMs: 1_000 })
  await waitFor(first, ({ value }) => value.work === 'closed')
  const third = open()
  await waitFor(third, ({ value }) => JSON.stringify(value).includes('idle'))
  third.send({ type: 'close', deadlineMs: 1_000 })
  await waitFor(third, ({ value }) => value.work === 'closed')
})
