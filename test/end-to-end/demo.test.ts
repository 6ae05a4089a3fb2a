import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { writeCorpus } from './corpus.ts'

const program = fileURLToPath(new URL('../../apps/peer-node/src/demo/main.ts', import.meta.url))
const patience = { timeout: 25_000, interval: 10 }

let folder: string
let files: string
/** Where the demo puts its folders. */
let temporary: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockkeeper-demo-test-'))
  files = join(folder, 'files')
  temporary = join(folder, 'temporary')
  await mkdir(temporary)
  await writeCorpus(files, 3, { documents: 40, media: 2, mediaBytesMax: 300_000 })
})
afterEach(() => rm(folder, { recursive: true, force: true }))

function startDemo(...words: string[]) {
  const child = spawn(process.execPath, [program, ...words], {
    env: { ...process.env, TMPDIR: temporary },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said = { stdout: '', stderr: '' }
  child.stdout.on('data', (bytes) => {
    said.stdout += bytes
  })
  child.stderr.on('data', (bytes) => {
    said.stderr += bytes
  })
  const ended = once(child, 'close').then(([code]) => code as number | null)
  onTestFinished(() => void child.kill('SIGKILL'))
  return { child, said, ended }
}

function addressesIn(text: string): string[] {
  return text.match(/http:\/\/127\.0\.0\.1:\d+/g) ?? []
}

test('--once ends when both nodes hold the same, and says so in its last line', async () => {
  const { said, ended } = startDemo('--once', '--import', files)
  expect({ code: await ended, stderr: said.stderr }).toEqual({
    code: 0,
    stderr: expect.stringContaining('open'),
  })
  const result = JSON.parse(said.stdout.trimEnd().split('\n').at(-1) ?? '')
  expect(result).toEqual({
    documents: 40,
    blobs: expect.any(Number),
    bytes: expect.any(Number),
    importMs: expect.any(Number),
    syncMs: expect.any(Number),
    searchHits: expect.any(Number),
    reads: {
      count: expect.any(Number),
      p50Ms: expect.any(Number),
      p99Ms: expect.any(Number),
      maxMs: expect.any(Number),
    },
    busyErrors: 0,
    identical: true,
  })
  expect(result.blobs).toBeGreaterThan(42)
  expect(result.searchHits).toBeGreaterThan(0)
  expect(result.reads.count).toBeGreaterThan(0)
  expect(await readdir(temporary)).toEqual([])
})

test('without it both stay until Ctrl-C, and nothing is left then', async () => {
  const { child, said, ended } = startDemo('--import', files)
  await vi.waitUntil(() => said.stderr.includes('Ctrl-C'), patience)
  const addresses = addressesIn(said.stderr)
  expect(addresses).toHaveLength(2)
  for (const address of addresses) expect((await fetch(address)).status).toBe(200)
  child.kill('SIGINT')
  expect(await ended).toBe(0)
  for (const address of addresses) await expect(fetch(address)).rejects.toThrow()
  expect(await readdir(temporary)).toEqual([])
})

test('interrupted on the way, it takes everything with it', async () => {
  const { child, ended } = startDemo('--import', files)
  const started = async (): Promise<boolean> =>
    (await readdir(temporary, { recursive: true })).some((path) => path.endsWith('node.lock'))
  await vi.waitUntil(started, patience)
  child.kill('SIGINT')
  expect(await ended).toBe(130)
  expect(await readdir(temporary)).toEqual([])
})

test('killed, it leaves no node running', async () => {
  const { child, said, ended } = startDemo('--import', files)
  await vi.waitUntil(() => said.stderr.includes('Ctrl-C'), patience)
  const addresses = addressesIn(said.stderr)
  expect(addresses).toHaveLength(2)
  child.kill('SIGKILL')
  await ended
  for (const address of addresses) {
    const isGone = (): Promise<boolean> =>
      fetch(address).then(
        () => false,
        () => true,
      )
    await vi.waitUntil(isGone, patience)
  }
})

test.each([
  [['--import', '/nowhere/to/be/found'], /does not exist/],
  [['--import', '/dev/null'], /neither a folder nor a file/],
  [['--twice'], /--twice/],
])('%j is refused in one line', async (words, reason) => {
  const { said, ended } = startDemo(...words)
  expect(await ended).toBe(2)
  expect(said.stderr).toMatch(/^demo: [^\n]+\n$/)
  expect(said.stderr).toMatch(reason)
  expect(said.stdout).toBe('')
})
