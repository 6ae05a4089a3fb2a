// The README's example is a file of this repository, word for word, and it runs.
import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { root } from './source-files.ts'

const text = (path: string): string => readFileSync(join(root, path), 'utf8')

describe('README', () => {
  it('shows the embedding example and its procedures as they stand in test/examples', () => {
    const blocks = [...text('README.md').matchAll(/```ts\n([\s\S]*?)```/g)].map(([, block]) => block)
    expect(blocks).toContain(text('test/examples/embedding.ts'))
    expect(blocks).toContain(text('test/examples/procedures.ts'))
  })

  it('and docs/writing.md shows its example, word for word', () => {
    const blocks = [...text('docs/writing.md').matchAll(/```ts\n([\s\S]*?)```/g)].map(([, block]) => block)
    expect(blocks).toContain(text('test/examples/writing.ts'))
    expect(blocks).toContain(text('test/examples/peer-procedures.ts'))
  })

  it('and docs/reading.md shows its example, word for word', () => {
    const blocks = [...text('docs/reading.md').matchAll(/```ts\n([\s\S]*?)```/g)].map(([, block]) => block)
    expect(blocks).toContain(text('test/examples/reading.ts'))
  })

  it('and docs/reading-in-thread.md its own', () => {
    const blocks = [...text('docs/reading-in-thread.md').matchAll(/```ts\n([\s\S]*?)```/g)]
    expect(blocks.map(([, block]) => block)).toEqual([text('test/examples/reading-in-thread.ts')])
  })

  it('and docs/maintenance.md its own', () => {
    const blocks = [...text('docs/maintenance.md').matchAll(/```ts\n([\s\S]*?)```/g)]
    expect(blocks.map(([, block]) => block)).toEqual([text('test/examples/maintenance.ts')])
  })

  it('has an example that does what its comments say', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lockkeeper-'))
    try {
      const example = join(root, 'test/examples/embedding.ts')
      const { stdout } = await promisify(execFile)(process.execPath, [example], { cwd: folder })
      expect(stdout).toContain("{ id: 'n0', title: 'untitled' }")
      expect(stdout.trim().split('\n').slice(-2)).toEqual(['100', 'not-stored'])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('docs/writing.md', () => {
  it('has an example that does what its comments say', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lockkeeper-'))
    try {
      const example = join(root, 'test/examples/writing.ts')
      const { stdout } = await promisify(execFile)(process.execPath, [example], { cwd: folder })
      expect(stdout.trim().split('\n')).toEqual([
        "1 [ { id: 'p1' } ]",
        'not-stored',
        'p5',
        'true { user: 0, sync: 0, background: 0 }',
      ])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('docs/reading.md', () => {
  it('has an example that does what its comments say', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lockkeeper-'))
    try {
      const example = join(root, 'test/examples/reading.ts')
      const { stdout } = await promisify(execFile)(process.execPath, [example], { cwd: folder })
      expect(stdout.trim().split('\n')).toEqual([
        "{ id: 7, body: 'note 7' }",
        '5000',
        '[ 4999, 4998, 4997 ]',
        'the newest',
        '[ 5001, 5001 ]',
        '7200',
        'deadline-exceeded',
      ])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('docs/reading-in-thread.md', () => {
  it('has an example that does what its comments say', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lockkeeper-'))
    try {
      const example = join(root, 'test/examples/reading-in-thread.ts')
      const { stdout } = await promisify(execFile)(process.execPath, [example], { cwd: folder })
      const said = [...text('test/examples/reading-in-thread.ts').matchAll(/console\.log.*\/\/ (.*)/g)]
      expect(said).toHaveLength(7)
      expect(stdout.trim().split('\n')).toEqual(said.map(([, comment]) => comment))
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('docs/maintenance.md', () => {
  it('has an example that does what its comments say', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lockkeeper-'))
    try {
      const example = join(root, 'test/examples/maintenance.ts')
      const { stdout } = await promisify(execFile)(process.execPath, [example], { cwd: folder })
      const said = [...text('test/examples/maintenance.ts').matchAll(/console\.log.*\/\/ (.*)/g)]
      expect(said).toHaveLength(6)
      expect(stdout.trim().split('\n')).toEqual(said.map(([, comment]) => comment))
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('packages/peer-store/README.md', () => {
  it('shows the example of its actors as it stands in test/examples, and it does what its comments say', async () => {
    const example = text('test/examples/peer-actors.ts')
    const blocks = [...text('packages/peer-store/README.md').matchAll(/```ts\n([\s\S]*?)```/g)]
    expect(blocks.map(([, block]) => block)).toContain(example)
    const folder = mkdtempSync(join(tmpdir(), 'lockkeeper-'))
    try {
      const path = join(root, 'test/examples/peer-actors.ts')
      const { stdout } = await promisify(execFile)(process.execPath, [path], { cwd: folder })
      const said = [...example.matchAll(/console\.log.*\/\/ (.*)/g)]
      expect(said).toHaveLength(5)
      expect(stdout.trim().split('\n')).toEqual(said.map(([, comment]) => comment))
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('docs/architecture.md', () => {
  it('names only files that are there', () => {
    const cited = [...text('docs/architecture.md').matchAll(/`([a-z]+\/[\w/.-]+\.ts)`/g)].map(
      ([, path]) => path,
    )
    expect(cited.length).toBeGreaterThan(30)
    expect(cited.filter((path) => !exists(join('packages/core/src', path ?? '')))).toEqual([])
  })
})

describe('docs/errors.md', () => {
  it('lists the codes of errors/codes.ts, all of them and no others', () => {
    const codes = text('packages/core/src/errors/codes.ts').match(/type LockkeeperCode =([^/]*)/)?.[1] ?? ''
    const listed = [...text('docs/errors.md').matchAll(/^\| `([a-z-]+)` +\|/gm)].map(([, code]) => code)
    const fields = ['code', 'stage', 'outcome', 'label', 'cause']
    const known = [...codes.matchAll(/'([a-z-]+)'/g)].map(([, code]) => code)
    expect(known.length).toBeGreaterThan(20)
    expect(listed.filter((code) => !fields.includes(code ?? ''))).toEqual(known)
  })
})

describe('documents', () => {
  it('link only to what is there', () => {
    const documents = [
      'README.md',
      ...['packages', 'apps'].flatMap((place) =>
        readdirSync(join(root, place))
          .map((folder) => join(place, folder, 'README.md'))
          .filter(exists),
      ),
      ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
        .filter((path) => path.endsWith('.md'))
        .map((path) => join('docs', path)),
    ]
    const broken = documents.flatMap((document) =>
      [...text(document).matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)]
        .map(([, target]) => join(dirname(document), target ?? ''))
        .filter((target) => !exists(target))
        .map((target) => `${document} links to ${target}`),
    )
    expect(broken).toEqual([])
  })
})

function exists(path: string): boolean {
  try {
    readdirSync(join(root, path))
    return true
  } catch (error) {
    return (error as { code?: string }).code === 'ENOTDIR'
  }
}
