import { once } from 'node:events'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { NodeProcess } from '../../apps/peer-node/src/demo/node-process.ts'
import { type Ended, runPeerNode } from './command.ts'
import { folderDigest } from './folder-digest.ts'

const never = new AbortController().signal

/** Holds `data`, a sound data folder that a node has left, and whatever a test puts beside it. */
let place: string
let original: string
let count = 0
beforeAll(async () => {
  original = await mkdtemp(join(tmpdir(), 'lockkeeper-input-'))
  const node = await NodeProcess.start(['--data', join(original, 'sound/data')], join(original, 'log'), never)
  expect(await node.stop()).toBe(0)
})
afterAll(() => rm(original, { recursive: true, force: true }))
beforeEach(async () => {
  count += 1
  place = join(original, `case-${count}`)
  await cp(join(original, 'sound'), place, { recursive: true, preserveTimestamps: true })
})

/** Starts a node, which must be refused in one line and leave everything as it is. */
async function refused(...words: string[]): Promise<string> {
  const before = await folderDigest(place)
  const ended: Ended = await runPeerNode(['start', ...words], AbortSignal.timeout(25_000))
  expect(ended).toEqual({ code: 2, stdout: '', stderr: expect.stringMatching(/^peer-node: [^\n]+\n$/) })
  expect(await folderDigest(place)).toEqual(before)
  return ended.stderr
}

async function takenPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

test('an unknown flag', async () => {
  expect(await refused('--data', join(place, 'data'), '--quickly')).toMatch(/--quickly/)
})

test('a malformed multiaddr', async () => {
  expect(await refused('--data', join(place, 'data'), '--peer', '127.0.0.1:4001')).toMatch(/--peer/)
  expect(await refused('--data', join(place, 'data'), '--listen', '/ip4/1.2.3')).toMatch(/--listen/)
})

test('a missing import path', async () => {
  expect(await refused('--data', join(place, 'data'), '--import', join(place, 'nothing'))).toMatch(
    /does not exist/,
  )
  expect(await refused('--data', join(place, 'new'), '--import', join(place, 'nothing'))).toMatch(
    /does not exist/,
  )
})

test('a data folder that cannot be written', async () => {
  await writeFile(join(place, 'file'), 'text')
  expect(await refused('--data', join(place, 'file'))).toMatch(/cannot write to the data folder/)
  expect(await refused('--data', join(place, 'file/below'))).toMatch(/cannot write to the data folder/)
})

test('an HTTP port in use', async () => {
  const port = await takenPort()
  expect(await refused('--data', join(place, 'data'), '--http', String(port))).toMatch(
    `port ${port} is in use`,
  )
  expect(await refused('--data', join(place, 'new/folder'), '--http', String(port))).toMatch(/in use/)
})

test('a listening port in use', async () => {
  const address = `/ip4/127.0.0.1/tcp/${await takenPort()}`
  expect(await refused('--data', join(place, 'data'), '--listen', address)).toMatch(address)
  expect(await refused('--data', join(place, 'new/folder'), '--listen', address)).toMatch(address)
})

test('a database that is not SQLite', async () => {
  await mkdir(join(place, 'other'))
  await writeFile(join(place, 'other/node.db'), 'the quick brown fox jumps over the lazy dog\n'.repeat(200))
  expect(await refused('--data', join(place, 'other'))).toMatch(/node\.db/)
})

test('a database written by a newer version', async () => {
  const database = new Database(join(place, 'data/node.db'))
  database.exec(
    `insert into lockkeeper_migrations ("set", id, name, checksum)
     select "set", max(id) + 1, 'from the future', 'unknown' from lockkeeper_migrations group by "set"`,
  )
  database.close()
  expect(await refused('--data', join(place, 'data'))).toMatch(/newer/)
})

test('a key that is none', async () => {
  await writeFile(join(place, 'data/identity.key'), 'lost')
  expect(await refused('--data', join(place, 'data'))).toMatch(/identity\.key/)
})

test('a data folder that another node has', async () => {
  const node = await NodeProcess.start(['--data', join(place, 'data')], join(original, 'log'), never)
  onTestFinished(async () => {
    await node.stop()
  })
  const ended = await runPeerNode(['start', '--data', join(place, 'data')], AbortSignal.timeout(25_000))
  expect(ended).toEqual({
    code: 2,
    stdout: '',
    stderr: expect.stringMatching(/^peer-node: .*another peer-node[^\n]*\n$/),
  })
  expect((await fetch(`${node.ready.http}/api/status`)).status).toBe(200)
})

test('a folder left by a node that was killed is no hindrance', async () => {
  const killed = await NodeProcess.start(['--data', join(place, 'data')], join(original, 'log'), never)
  await killed.kill()
  const next = await NodeProcess.start(['--data', join(place, 'data')], join(original, 'log'), never)
  expect(next.ready.peerId).toBe(killed.ready.peerId)
  expect(await next.stop()).toBe(0)
})
