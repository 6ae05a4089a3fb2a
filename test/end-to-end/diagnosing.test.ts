// The stories of docs/diagnosing.md: the doctor names who is to blame by its label, in situations that real databases were brought
// into; and after the change it says so no more.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Finding } from '@lockkeeper/core'
import { temporaryFolder } from '@lockkeeper/testkit'
import { expect, it } from 'vitest'
import { lockkeeper } from '../../packages/cli/fixtures/command.ts'
import { root } from '../tidy/source-files.ts'

type Version = 'trouble' | 'mended'

/** Runs a story, and the doctor on the report that it has saved. */
async function findingsOf(story: string, version: Version): Promise<readonly Finding[]> {
  await using folder = await temporaryFolder()
  const program = join(root, 'test/examples/diagnosing', `${story}.ts`)
  const { stdout } = await promisify(execFile)(process.execPath, [program, version], { cwd: folder.path })
  expect(stdout).toMatch(/^Lockkeeper report of .*[\s\S]*^Verdict: /m)
  const report = join(folder.path, `${story}-${version}.json`)
  const { code, stdout: verdict, stderr } = await lockkeeper('doctor', '--report', report, '--json')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(verdict).findings
}

const told = (findings: readonly Finding[]): string[] =>
  findings.map(({ kind, subject }) => `${kind} ${subject}`)

/** A story goes on until its situation is there, however slow the machine is. */
const storyMsMax = 150_000

const byAuthor = 'select id, at from notes where author = ? and at > ?'

it('a starved read pool: who has the readers, and the index that one of them lacks', {
  timeout: storyMsMax,
}, async () => {
  const trouble = await findingsOf('read-pool', 'trouble')
  expect(told(trouble)).toEqual(expect.arrayContaining(['read-pool interactive', `scan ${byAuthor}`]))
  const { headline, evidence } = trouble.find(({ kind }) => kind === 'read-pool') as Finding
  expect(headline).toMatch(/`notes\.byAuthor`/)
  expect(headline).toMatch(/`stats\.refresh`/)
  expect(evidence.join()).toMatch(/`notes\.open` waited/)
  expect(trouble.find(({ subject }) => subject === byAuthor)?.remedy).toMatch(/on notes \(author, at\)/)
  const mended = told(await findingsOf('read-pool', 'mended'))
  expect(mended).not.toContain('read-pool interactive')
  expect(mended).not.toContain(`scan ${byAuthor}`)
})

it('a long holder: bulk in one piece; connects suffer from it, and make it worse', {
  timeout: storyMsMax,
}, async () => {
  const causes = ['holder blobs.putMany', 'amplifier peers.connect']
  const victims = ['victim peers.connect', 'victim notes.save']
  const trouble = await findingsOf('long-holder', 'trouble')
  expect(told(trouble)).toEqual(expect.arrayContaining(causes))
  expect(told(trouble)).toEqual(expect.arrayContaining(victims))
  expect(trouble.find(({ kind }) => kind === 'holder')?.remedy).toMatch(
    /pieces of about .* rows.*lane `sync`/,
  )
  for (const victim of trouble.filter(({ kind }) => kind === 'victim'))
    expect(victim.remedy).toMatch(/ease `blobs\.putMany`/)
  const mended = told(await findingsOf('long-holder', 'mended'))
  // Whoever types may still wait on a machine that has no time for it.
  expect(mended.filter((finding) => [...causes, 'victim peers.connect'].includes(finding))).toEqual([])
})

it('a pinned log: the export that stands still', { timeout: storyMsMax }, async () => {
  expect(told(await findingsOf('pinned-log', 'trouble'))).toContain('pinning-reader notes.export')
  const mended = await findingsOf('pinned-log', 'mended')
  expect(mended.filter(({ kind }) => kind === 'pinning-reader')).toEqual([])
})
