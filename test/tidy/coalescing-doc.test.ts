// docs/coalescing.md shows an example of this repository, word for word, and it does what it says.
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { temporaryFolder } from '@lockkeeper/testkit'
import { expect, it } from 'vitest'
import { root } from './source-files.ts'

const text = (path: string): string => readFileSync(join(root, path), 'utf8')

it('docs/coalescing.md shows its example and the procedure it flushes with', () => {
  const blocks = [...text('docs/coalescing.md').matchAll(/```ts\n([\s\S]*?)```/g)].map(([, block]) => block)
  expect(blocks).toContain(text('test/examples/coalescing.ts'))
  expect(blocks).toContain(text('test/examples/seen-procedures.ts'))
})

it('and the example does what its comments say', async () => {
  await using folder = await temporaryFolder()
  const example = join(root, 'test/examples/coalescing.ts')
  const { stdout } = await promisify(execFile)(process.execPath, [example], { cwd: folder.path })
  const said = [...text('test/examples/coalescing.ts').matchAll(/console\.log.*\) \/\/ (.*)/g)]
  expect(said).toHaveLength(8)
  expect(stdout.trim().split('\n')).toEqual(said.map(([, comment]) => comment))
})
