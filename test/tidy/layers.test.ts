// Imports point one way (docs/architecture.md, “Layers”). These rules keep the pure parts testable without threads, SQLite or
// XState, and keep one door to each.
import { posix } from 'node:path'
import { describe, expect, it } from 'vitest'
import { isTest, type SourceFile, sourceFiles } from './source-files.ts'

const files = sourceFiles('packages', 'apps').filter((file) => !isTest(file))
const core = files.filter(({ path }) => path.startsWith('packages/core/src/'))

/** `file imports target`, for every import that the rule forbids. */
function breaches(
  among: readonly SourceFile[],
  forbidden: (target: string, file: SourceFile) => boolean,
): string[] {
  return among.flatMap((file) =>
    file.imports
      .filter((target) => forbidden(target, file))
      .map((target) => `${file.path} imports ${target}`),
  )
}

const rivalsFolder = 'apps/bench/src/rivals/'
const isRival = ({ path }: SourceFile): boolean => path.startsWith(rivalsFolder)

const isActor = ({ path }: SourceFile): boolean => /(^|[/-])(machine|actor)\.ts$/.test(path)

/** Where a relative import leads, from the root. */
const resolved = (target: string, { path }: SourceFile): string => posix.join(posix.dirname(path), target)

describe('layers', () => {
  it('finds the code it judges', () => {
    expect(core.length).toBeGreaterThan(40)
    expect(core.flatMap(({ imports }) => imports)).toContain('better-sqlite3')
  })

  it('packages never import apps, and core imports no other package but the signals, in engine/', () => {
    const packages = files.filter(({ path }) => path.startsWith('packages/'))
    expect(breaches(packages, (target) => /^@lockkeeper\/(peer-node|bench)/.test(target))).toEqual([])
    const mayImport = (target: string, { path }: SourceFile): boolean =>
      target === '@lockkeeper/signals' && path.startsWith('packages/core/src/engine/')
    const forbidden = (target: string, file: SourceFile): boolean =>
      target.startsWith('@lockkeeper/') && !mayImport(target, file)
    expect(breaches(core, forbidden)).toEqual([])
  })

  it('the command imports core and no other package of ours', () => {
    const command = files.filter(({ path }) => path.startsWith('packages/cli/src/'))
    expect(command.length).toBeGreaterThan(15)
    const allowed = new Set(['@lockkeeper/core', '@lockkeeper/core/doctor'])
    const isForeign = (target: string): boolean => target.startsWith('@lockkeeper/') && !allowed.has(target)
    expect(breaches(command, isForeign)).toEqual([])
  })

  it('an app that does not ask for the doctor does not load SQLite with it', () => {
    const others = core.filter(({ path }) => !path.startsWith('packages/core/src/doctor/'))
    const leadsToDoctor = (target: string, file: SourceFile): boolean =>
      resolved(target, file).startsWith('packages/core/src/doctor/')
    expect(breaches(others, leadsToDoctor)).toEqual([])
  })

  it('core imports the signals, an optional package, only when it runs: their types aside', () => {
    const statically = core.filter(({ text }) =>
      /^(?:import|export) (?!type )[^;]*?from '@lockkeeper\/signals'/m.test(text),
    )
    expect(statically.map(({ path }) => path)).toEqual([])
  })

  it('the signals know neither core nor SQLite’s binding: whoever loads them hands in a connection', () => {
    const signals = files.filter(({ path }) => path.startsWith('packages/signals/src/'))
    expect(signals.length).toBeGreaterThan(5)
    expect(breaches(signals, (target) => /^(@lockkeeper\/|better-sqlite3)/.test(target))).toEqual([])
  })

  it('only engine/, and what the bench compares us with, imports better-sqlite3', () => {
    const outside = files.filter(
      (file) => !file.path.startsWith('packages/core/src/engine/') && !isRival(file),
    )
    expect(breaches(outside, (target) => target === 'better-sqlite3')).toEqual([])
  })

  it('only the metrics, and apps, import prom-client: core is the same without it', () => {
    const outside = files.filter(
      ({ path }) => path.startsWith('packages/') && !path.startsWith('packages/metrics/'),
    )
    const watches = (target: string): boolean =>
      target === 'prom-client' || target.startsWith('@opentelemetry/')
    expect(breaches(outside, watches)).toEqual([])
  })

  it('only threads/, and what the bench compares us with, imports worker_threads', () => {
    const outside = files.filter(
      (file) => !file.path.startsWith('packages/core/src/threads/') && !isRival(file),
    )
    expect(breaches(outside, (target) => target === 'node:worker_threads')).toEqual([])
  })

  it('a rival never meets Lockkeeper in one process: neither imports the other', () => {
    const rivals = files.filter(isRival)
    expect(rivals.length).toBeGreaterThan(3)
    expect(breaches(rivals, (target) => target.startsWith('@lockkeeper/'))).toEqual([])
    const others = files.filter((file) => !isRival(file))
    const importsStatically = (target: string, file: SourceFile): boolean =>
      resolved(target, file).startsWith(rivalsFolder) && !file.text.includes(`import('${target}')`)
    expect(breaches(others, importsStatically)).toEqual([
      'apps/bench/src/machine/sqlite-version-process.ts imports ../rivals/version.ts',
    ])
  })

  it('in core only actors, and the database that starts them, import XState', () => {
    const others = core.filter(
      (file) => !isActor(file) && !file.path.startsWith('packages/core/src/database/'),
    )
    expect(breaches(others, (target) => target === 'xstate')).toEqual([])
  })

  it('pure parts know neither threads nor SQLite nor XState', () => {
    const pure = core.filter(({ path }) =>
      /^packages\/core\/src\/(errors|supervision|migrations\/plan|mailbox|telemetry|sql|limits|clock)/.test(
        path,
      ),
    )
    const impure = /^packages\/core\/src\/(threads|engine|readers\/.*machine|writer\/(machine|desk|run-))/
    expect(pure.length).toBeGreaterThan(10)
    expect(breaches(pure, (target, file) => impure.test(resolved(target, file)))).toEqual([])
  })

  it('what a thread runs does not drag XState in', () => {
    const byPath = new Map(files.map((file) => [file.path, file]))
    const seen = new Set<string>()
    const visit = (path: string): void => {
      const file = byPath.get(path)
      if (file === undefined || seen.has(path)) return
      seen.add(path)
      const runtime = file.text.replaceAll(/^(import|export) type [^']*'[^']*'$/gm, '')
      for (const [, target] of runtime.matchAll(/from '(\.[^']+)'/g)) visit(resolved(target ?? '', file))
      expect(runtime, path).not.toMatch(/from 'xstate'/)
    }
    visit('packages/core/src/threads/writer-thread.ts')
    visit('packages/core/src/threads/reader-thread.ts')
    expect(seen.size).toBeGreaterThan(15)
  })
})
