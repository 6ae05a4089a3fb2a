// docs/peer-store.md shows its example word for word, and the example does what its comments say.
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { temporaryFolder } from '@lockkeeper/testkit'
import { expect, it } from 'vitest'
import { root } from './source-files.ts'

const example = join(root, 'test/examples/peer-store.ts')
const text = readFileSync(example, 'utf8')

it('stands in the page as it stands in test/examples', () => {
  const page = readFileSync(join(root, 'docs/peer-store.md'), 'utf8')
  expect([...page.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, block]) => block)).toEqual([text])
})

it('does what its comments say', async () => {
  await using folder = await temporaryFolder()
  const { stdout } = await promisify(execFile)(process.execPath, [example], { cwd: folder.path })
  const said = [...text.matchAll(/console\.log.*\/\/ (.*)/g)].map(([, comment]) => comment)
  expect(said).toHaveLength(8)
  expect(stdout.trim().split('\n')).toEqual(said)
})
