// docs/telemetry.md shows two examples of this repository, word for word, and they do what they say.
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { temporaryFolder } from '@lockkeeper/testkit'
import { describe, expect, it } from 'vitest'
import { root } from './source-files.ts'

const text = (path: string): string => readFileSync(join(root, path), 'utf8')

describe.each([
  ['test/examples/telemetry.ts', 2],
  ['test/examples/open-telemetry.ts', 5],
])('%s', (path, comments) => {
  it('stands in docs/telemetry.md', () => {
    const blocks = [...text('docs/telemetry.md').matchAll(/```ts\n([\s\S]*?)```/g)].map(([, block]) => block)
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
