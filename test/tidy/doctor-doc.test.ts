// docs/doctor.md names every finding about a file and every option of the command, and no others.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readCommandLine } from '../../packages/cli/src/command/command-line.ts'
import { root } from './source-files.ts'

const text = (path: string): string => readFileSync(join(root, path), 'utf8')
const page = text('docs/doctor.md')

it('lists the kinds of findings about a file, each with what it goes by', () => {
  const kinds = /type FileFindingKind =([^/]*)/.exec(text('packages/cli/src/file/finding.ts'))?.[1] ?? ''
  const known = [...kinds.matchAll(/'([a-z-]+)'/g)].map(([, kind]) => kind)
  expect(known.length).toBeGreaterThan(9)
  expect([...page.matchAll(/^\| `([a-z-]+)` +\|/gm)].map(([, kind]) => kind)).toEqual(known)
})

it('shows the options of the command', () => {
  const request = readCommandLine(['doctor', '--help'])
  if (request.kind !== 'information') throw new Error('No help')
  const known = new Set([...request.text.matchAll(/^ +(?:-\w, )?(--[a-z]+)/gm)].map(([, option]) => option))
  known.delete('--help')
  expect(known.size).toBe(6)
  expect(new Set(page.match(/(?<![\w-])--[a-z]+/g))).toEqual(known)
})
