// The doctor and a peer node that runs: its live report over HTTP, and its file while it writes.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { NodeProcess } from '../../apps/peer-node/src/demo/node-process.ts'
import { lockkeeper } from '../../packages/cli/fixtures/command.ts'
import { writeCorpus } from './corpus.ts'

let folder: string
let node: NodeProcess
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockkeeper-doctor-'))
  await writeCorpus(join(folder, 'files'), 5, { documents: 20, media: 1, mediaBytesMax: 100_000 })
  const words = ['--data', join(folder, 'data'), '--import', join(folder, 'files')]
  node = await NodeProcess.start(words, join(folder, 'log'), new AbortController().signal)
})
afterAll(async () => {
  await node.stop()
  await rm(folder, { recursive: true, force: true })
})

test('reads the report that a node serves, and gives its verdict', async () => {
  const { code, stdout, stderr } = await lockkeeper('doctor', '--url', node.ready.http)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toMatch(/^Lockkeeper report of .*node\.db[\s\S]*Verdict: /)
  const { findings } = JSON.parse((await lockkeeper('doctor', '--url', node.ready.http, '--json')).stdout)
  expect(findings).toEqual(expect.any(Array))
})

test('looks at the file of a node that writes, and disturbs nothing', async () => {
  const { code, stdout, stderr } = await lockkeeper('doctor', join(folder, 'data/node.db'), '--json')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const { inspection, surroundings, findings } = JSON.parse(stdout)
  expect(inspection).toMatchObject({
    opened: 'read-only',
    settings: { journalMode: 'wal' },
    own: { migrations: expect.arrayContaining([expect.objectContaining({ set: 'peer-store' })]) },
  })
  expect(
    inspection.left.filter(({ change }: { change: string }) => change === 'came' || change === 'went'),
  ).toEqual([])
  if (process.platform === 'linux') expect(surroundings.open.processes).toHaveLength(1)
  expect(findings).toEqual([])
  expect((await fetch(`${node.ready.http}/api/status`)).status).toBe(200)
})
