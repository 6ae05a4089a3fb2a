// Promise 1, 6 and 17 as far as the text of the code can keep them.
import { describe, expect, it } from 'vitest'
import { isTest, nativeFiles, sourceFiles } from './source-files.ts'

const files = sourceFiles('packages', 'apps').filter((file) => !isTest(file))

describe('one writer (promise 1)', () => {
  it('opens a connection for writing in one place of the code', () => {
    const writable = files.flatMap(({ path, text }) =>
      [...text.matchAll(/new Database\(([^)]*)\)/g)]
        .filter(([, options]) => !options?.includes('readonly: true') && options !== "':memory:'")
        .map(() => path),
    )
    expect(writable).toEqual(['packages/core/src/engine/better-sqlite3.ts'])
  })
})

/**
 * Code that opens files, of which none is ever a live database's: tests' own, a compiler's sources and output, a backup's
 * copy before it has its name, and in the command a saved report and what /proc shows of processes.
 */
const touchesNoDatabase = (path: string): boolean =>
  /^packages\/(testkit\/|core\/src\/maintenance\/copy-files\.ts$|cli\/src\/(report\/report-file|file\/processes)\.ts$|signals\/(native-test\/|src\/(compile|stamp|locate|library-file)\.ts$))/.test(
    path,
  )

describe('live files (promise 2)', () => {
  it('are never opened with fs by a package: closing such a handle would drop SQLite’s locks', () => {
    const harmless = new Set([
      'accessSync',
      'constants',
      'existsSync',
      'realpathSync',
      'Stats',
      'statSync',
      'statfsSync',
    ])
    const breaches = files
      .filter(({ path }) => path.startsWith('packages/') && !touchesNoDatabase(path))
      .flatMap(({ path, text }) =>
        [...text.matchAll(/import (?:type )?\{([^}]*)\} from 'node:fs(?:\/promises)?'/g)]
          .flatMap(([, names]) => (names ?? '').split(',').map((name) => name.trim().replace(/^type /, '')))
          .filter((name) => name !== '' && !harmless.has(name))
          .map((name) => `${path} imports ${name}`),
      )
    expect(breaches).toEqual([])
    expect(files.filter(({ text }) => /import \* as \w+ from 'node:fs|import fs from/.test(text))).toEqual([])
  })
})

describe('house rules', () => {
  it('no file has more than 300 lines, in TypeScript or C', () => {
    const native = nativeFiles('packages')
    expect(native.length).toBeGreaterThan(5)
    const long = [...sourceFiles('packages', 'apps', 'test'), ...native]
      .filter(({ text }) => text.split('\n').length > 301)
      .map(({ path }) => path)
    expect(long).toEqual([])
  })

  const sleeps = /\bsetTimeout\(|\bsleep\(|setTimeout[^\n]*timers\/promises/
  /** A program that plays the neighbour may keep time with the lock in its hand: that is its load, and no test waits for it. */
  const sleepsOrPaces = new RegExp(`${sleeps.source}|Atomics\\.wait\\(`)

  /** A story to be diagnosed plays an app, whose load keeps time: no test waits for a moment of it. */
  const playsAnApp = ({ path }: { readonly path: string }): boolean =>
    path.startsWith('test/examples/diagnosing/')

  it('no test sleeps: it waits for a gate, an event or a simulated clock', () => {
    const sleepers = sourceFiles('packages', 'apps', 'test')
      .filter((file) => isTest(file) && !playsAnApp(file) && !file.path.startsWith('test/tidy/'))
      .filter(({ path, text }) => (path.includes('/programs/') ? sleeps : sleepsOrPaces).test(text))
      .map(({ path }) => path)
    expect(sleepers).toEqual([])
  })

  it('no test is skipped or left to do', () => {
    const skipped = sourceFiles('packages', 'apps', 'test')
      .filter(({ path }) => !path.startsWith('test/tidy/'))
      .filter(({ text }) => /\b(?:it|test|describe)\.(?:skip|only|todo)\b/.test(text))
      .map(({ path }) => path)
    expect(skipped).toEqual([])
  })
})
