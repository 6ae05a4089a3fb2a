// Whose key is this node's own is written once, and opening leaves nothing behind when that fails (promise 17: reading goes on
// where nothing can be written).
import { openDatabase } from '@lockkeeper/core'
import { temporaryFolder } from '@lockkeeper/testkit'
import { expect, test } from 'vitest'
import { author } from '../../fixtures/author.ts'
import { migrations } from '../schema/migrations.ts'
import { openPeerStore } from './open-peer-store.ts'

const forbidden = `create trigger stop before insert on public_keys begin select raise(abort, 'no room'); end`

test('a store that knows its own key opens without a write', async () => {
  await using folder = await temporaryFolder()
  const options = { file: folder.file('store.db'), ownKey: author().publicKey }
  await (await openPeerStore(options)).close()
  {
    await using db = await openDatabase({ file: options.file, migrations })
    await db.write(forbidden)
    await db.write(forbidden.replace('stop before insert', 'halt before update'))
  }
  await using store = await openPeerStore(options)
  expect(await store.status()).toMatchObject({ blobs: 0 })
})

test('one that can’t write it is not left open', async () => {
  await using folder = await temporaryFolder()
  const file = folder.file('store.db')
  {
    await using db = await openDatabase({ file, migrations })
    await db.write(forbidden)
  }
  await expect(openPeerStore({ file, ownKey: author().publicKey })).rejects.toThrow('no room')
  await using db = await openDatabase({ file, migrations })
  expect(await db.readValue('select count(*) from public_keys')).toBe(0)
})
