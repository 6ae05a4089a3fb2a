// The app's own functions are on every connection of every thread, before anything else uses it.
import { temporaryFolder } from '@lockkeeper/testkit'
import { expect, it } from 'vitest'
import { openDatabase } from '../database/open.ts'

const connection = new URL('../../fixtures/connection-setup.ts', import.meta.url)

it('makes functions and aggregates callable from migrations, writes and reads', async () => {
  await using folder = await temporaryFolder()
  await using db = await openDatabase({
    file: folder.file('a.db'),
    connection,
    migrations: [
      {
        set: 'test',
        id: 1,
        name: 'an index that needs a function',
        sql: 'create table notes (body text); create index loud on notes (shout(body));',
      },
    ],
  })
  const { rows } = await db.write('insert into notes values (role()) returning body')
  expect(rows).toEqual([{ body: 'writer' }])
  expect(
    await db.readFirst(`select role() as role, shout(body) as loud from notes where shout(body) = 'WRITER'`),
  ).toEqual({
    role: 'reader',
    loud: 'WRITER',
  })
  expect(await db.readValue('select product(value) from json_each(?)', ['[2, 3, 7]'])).toBe(42)
})

it.each([
  ['is not there', new URL('./nowhere.ts', import.meta.url), 'setup-not-loaded'],
  ['exports no setup', new URL('../limits.ts', import.meta.url), 'setup-not-loaded'],
  ['is no URL', 'connection.ts' as never, 'invalid-argument'],
])('is refused when the module %s, before the file is touched', async (_, url, code) => {
  await using folder = await temporaryFolder()
  await expect(openDatabase({ file: folder.file('a.db'), connection: url })).rejects.toMatchObject({
    code,
    stage: 'open',
  })
  const db = await openDatabase({ file: folder.file('a.db') })
  await db.close()
})
