// docs/telemetry.md shows two examples of this repository, word for word, and they do what they say.
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { temporaryFolder } from '@lockkeeper/testkit'
import { describe, expect, it } from 'vitest'
import { root } from './source-files.ts'

const page = 'docs/telemetry.md'
const text = (path: string): string => readFileSync(join(root, path), 'utf8')

describe.each([
  ['test/examples/telemetry.ts', 2],
  ['test/examples/open-telemetry.ts', 5],
])('%s', (path, comments) => {
  it('stands in docs/telemetry.md', () => {
    const blocks = [...text(page).matchAll(/```ts\n([\s\S]*?)```/g)].map(([, block]) => block)
    expect(blocks).toContain(text(path))
  })

  it('does what its comments say', async () => {
    await using folder = await temporaryFolder()
    const { stdout } = await promisify(execFile)(process.execPath, [join(root, path)], { cwd: folder.path })
    const said = [...text(path).matchAll(/console\.log.*\) \/\/ (.*)/g)]
    expect(said).toHaveLength(comments)
    expect(stdout.trim().split('\n')).toEqual(said.map(([, comment]) => comment))
  })
})

it('docs/telemetry.md lists every metric and every channel, and no others', () => {
  const named = (pattern: RegExp, path: string): string[] =>
    [...text(path).matchAll(pattern)].map(([, name]) => name ?? '')
  const families = ['write', 'read', 'file'].map((of) => `packages/metrics/src/${of}-families.ts`)
  const metrics = families.flatMap((path) => named(/name: '(\w+)'/g, path))
  expect(metrics.length).toBeGreaterThan(40)
  expect(named(/^\| `(lockkeeper_\w+)`/gm, page)).toEqual(metrics)
  const channels = named(/^ {2}'(lockkeeper:[\w:]+)':/gm, 'packages/core/src/telemetry/channels/messages.ts')
  expect(channels.length).toBeGreaterThan(5)
  const rows = text(page)
    .split('\n')
    .filter((line) => line.startsWith('| `lockkeeper:'))
  expect(rows.flatMap((row) => [...row.matchAll(/`(lockkeeper:[\w:]+)`/g)].map(([, name]) => name))).toEqual(
    channels,
  )
})
