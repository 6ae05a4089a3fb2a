// Builds the extension with the machine's own C compiler.
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import type { BuildOptions, BuildResult } from './build.ts'
import { findCompiler, firstLinesOf } from './compiler.ts'
import { buildFolder, libraryName, notOnWindows } from './places.ts'
import { runProgram } from './program.ts'
import { fingerprintOf, isCurrent, writeStamp } from './stamp.ts'

/** What a build depends on beside its options. */
export interface Workshop {
  /** Holds the C sources, all of which go into one extension. */
  readonly sources: string
  readonly environment: NodeJS.ProcessEnv
  readonly platform: NodeJS.Platform
  readonly runMsMax: number
}

/** `-fvisibility=hidden`: only the entry point may be seen by what else is loaded into the process. */
const ownFlags = '-std=c11 -O2 -fPIC -fvisibility=hidden -Wall -Wextra -shared -pthread'.split(' ')

/** Does what `buildSignals` promises, with everything it depends on handed in. */
export async function buildIn(workshop: Workshop, options: BuildOptions): Promise<BuildResult> {
  try {
    return await build(workshop, options)
  } catch (error) {
    // A full disk, a package folder that may not be written: the file system's faults, not ours.
    if (error instanceof Error && 'syscall' in error) return failed(error.message)
    throw error
  }
}

async function build(workshop: Workshop, { flags = [], output }: BuildOptions): Promise<BuildResult> {
  const { sources, environment, runMsMax } = workshop
  const library = libraryName(workshop.platform)
  if (library === undefined) return unsupported(notOnWindows)
  const headers = sqliteHeaders()
  if (headers === undefined) {
    return unsupported(
      "SQLite's header is missing: install better-sqlite3 13.2 or later beside @lockkeeper/signals",
    )
  }
  const compiler = await findCompiler(environment, sources)
  if (compiler.command === undefined) return unsupported(compiler.reason)

  const path = resolve(buildFolder, output ?? library)
  const names = (await readdir(sources)).filter((name) => /\.[ch]$/.test(name)).toSorted()
  const command = [...compiler.command, ...ownFlags, '-I', headers, ...flags]
  const inputs = await fingerprintOf({
    compilerVersion: compiler.version,
    command,
    files: [
      ...names.map((name) => join(sources, name)),
      ...['sqlite3.h', 'sqlite3ext.h'].map((name) => join(headers, name)),
    ],
  })
  if (await isCurrent(path, inputs)) return { built: true, path, compiled: false }

  await mkdir(dirname(path), { recursive: true })
  // Beside its place, so that it can be moved there in one step; of its own, so that two builds don't meet.
  const temporary = `${path}.${randomUUID()}`
  try {
    const files = names.filter((name) => name.endsWith('.c'))
    const compiling = [...command, '-o', temporary, ...files]
    const ended = await runProgram(compiling, { folder: sources, environment, runMsMax })
    const name = compiler.command.join(' ')
    if (ended.end === 'late') return failed(`${name} did not end within ${runMsMax} ms`)
    if (ended.end === 'not-started') return failed(ended.why)
    if (ended.code !== 0) return failed(`${name} failed: ${firstLinesOf(ended.stderr)}`)
    await rename(temporary, path)
    await writeStamp(path, inputs, temporary)
    return { built: true, path, compiled: true }
  } finally {
    for (const left of [temporary, `${temporary}.stamp`]) await rm(left, { force: true })
  }
}

/** The folder of the SQLite header that comes with better-sqlite3. */
function sqliteHeaders(): string | undefined {
  try {
    const manifest = createRequire(import.meta.url).resolve('better-sqlite3/package.json')
    const folder = join(dirname(manifest), 'deps/sqlite3')
    return existsSync(join(folder, 'sqlite3ext.h')) ? folder : undefined
  } catch {
    return undefined
  }
}

const failed = (reason: string): BuildResult => ({ built: false, failure: 'failed', reason })

const unsupported = (reason: string): BuildResult => ({ built: false, failure: 'unsupported', reason })
