// A file that can't be used is said to be so, and why; the process goes on without it.
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { type TemporaryFolder, temporaryFolder } from '@lockkeeper/testkit'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { buildIn } from './compile.ts'
import { findCompiler } from './compiler.ts'
import { locateSignals } from './locate.ts'
import { nativeFolder } from './places.ts'
import { protocol, Signals } from './signals.ts'

let folder: TemporaryFolder
let connection: Database.Database

beforeEach(async () => {
  folder = await temporaryFolder()
  connection = new Database(':memory:')
})

afterEach(async () => {
  connection.close()
  await folder[Symbol.asyncDispose]()
})

function refusalOf(path: string): string {
  try {
    Signals.load(connection, path)
  } catch (thrown) {
    // Whatever was tried, the connection goes on.
    expect(connection.prepare('select 1').pluck().get()).toBe(1)
    return (thrown as Error).message
  }
  throw new Error(`${path} was loaded`)
}

async function file(name: string, contents: string | Uint8Array): Promise<string> {
  await writeFile(folder.file(name), contents)
  return folder.file(name)
}

describe('a file that is no extension', () => {
  it('is not there', () => {
    const path = folder.file('gone.so')
    expect(refusalOf(path)).toBe(
      `${path} can't be used as Lockkeeper's signals extension: there is no such file`,
    )
  })

  it('is a folder', () => {
    expect(refusalOf(folder.path)).toMatch(/it is not a file$/)
  })

  it('is empty', async () => {
    expect(refusalOf(await file('empty.so', ''))).toMatch(/the file is empty$/)
  })

  it('is a text', async () => {
    expect(refusalOf(await file('text.so', 'a text, '.repeat(1_000)))).toContain(
      process.platform === 'linux' ? 'it is not a shared library' : 'text.so',
    )
  })

  it('is a library, but something else', () => {
    // The library that is surely there: the SQLite this test runs on.
    const { sharedObjects } = process.report.getReport() as { sharedObjects: string[] }
    const path = sharedObjects.find((name) => /better-sqlite3.*\.node$/.test(name)) ?? ''
    expect(refusalOf(path)).toMatch(/signals extension: .*(sqlite3_\w+_init|entry point)/)
  })
})

const { path: extension = '' } = locateSignals()

const ofTheExtension = (): void => {
  const cutOff = async (): Promise<void> => {
    const whole = await readFile(extension)
    for (const bytes of [5, 63, 64, 200, 4_096, Math.trunc(whole.length / 2)]) {
      const path = await file(`${bytes}.so`, whole.subarray(0, bytes))
      expect(refusalOf(path)).toMatch(bytes < 6 ? /not a shared library$/ : /the file is cut off: .* again$/)
    }
  }
  if (process.platform === 'linux') it('cut off is refused, before the loader could end the process', cutOff)

  it('is loaded once into a connection', () => {
    expect(Signals.load(connection, extension).connection).toBeGreaterThan(0)
    expect(refusalOf(extension)).toContain('this connection has loaded the extension already')
  })
}

if (extension !== '') describe('the extension', ofTheExtension)

const withCompiler = (): void => {
  async function built(name: string, flags: readonly string[]): Promise<string> {
    const { env: environment, platform } = process
    const workshop = { sources: folder.file(name), environment, platform, runMsMax: 60_000 }
    const result = await buildIn(workshop, { output: folder.file(`${name}.so`), flags })
    expect(result).toMatchObject({ built: true })
    return folder.file(`${name}.so`)
  }

  it('another extension is refused', async () => {
    const manifest = createRequire(import.meta.url).resolve('better-sqlite3/package.json')
    await mkdir(folder.file('other'))
    await copyFile(join(manifest, '../deps/test_extension.c'), folder.file('other/other.c'))
    expect(refusalOf(await built('other', ['-fvisibility=default']))).toContain(
      'no such function: lockkeeper_signals',
    )
  })

  it('an extension of another version is refused, and both versions are said', async () => {
    await mkdir(folder.file('newer'))
    await file('newer/newer.c', newerExtension)
    expect(refusalOf(await built('newer', ['-fvisibility=default']))).toMatch(
      new RegExp(`protocol ${protocol + 1}, and this package speaks ${protocol}: build it again`),
    )
  })

  it('a broken source is refused with the compiler’s first words', async () => {
    await mkdir(folder.file('broken'))
    await file('broken/broken.c', 'int one = ;\n')
    const { env: environment, platform } = process
    const workshop = { sources: folder.file('broken'), environment, platform, runMsMax: 60_000 }
    expect(await buildIn(workshop, { output: folder.file('broken.so') })).toEqual({
      built: false,
      failure: 'failed',
      reason: expect.stringMatching(/failed: broken\.c:1:\d+: error: /),
    })
  })

  it('our own sources compile without a warning', async () => {
    const { env: environment, platform } = process
    const workshop = { sources: nativeFolder, environment, platform, runMsMax: 120_000 }
    const result = await buildIn(workshop, { output: folder.file('strict.so'), flags: ['-Werror'] })
    expect(result).toMatchObject({ built: true })
    expect(Signals.load(connection, folder.file('strict.so')).connection).toBeGreaterThan(0)
  }, 120_000)
}

const { command: compiler } = await findCompiler(process.env, nativeFolder)
if (compiler !== undefined) describe('with a compiler', withCompiler)

it('both sides of the SQL function are of one version', async () => {
  const header = await readFile(join(nativeFolder, 'connection.h'), 'utf8')
  expect(/#define LOCKKEEPER_PROTOCOL (\d+)/.exec(header)?.[1]).toBe(String(protocol))
})

const newerExtension = `#include "sqlite3ext.h"
SQLITE_EXTENSION_INIT1
static void signals(sqlite3_context *context, int count, sqlite3_value **values) {
  (void)count;
  (void)values;
  sqlite3_result_text(context, "{\\"version\\":${protocol + 1},\\"something\\":\\"new\\"}", -1, SQLITE_STATIC);
}
int sqlite3_extension_init(sqlite3 *db, char **error, const sqlite3_api_routines *api) {
  (void)error;
  SQLITE_EXTENSION_INIT2(api);
  return sqlite3_create_function(db, "lockkeeper_signals", -1, SQLITE_UTF8, 0, signals, 0, 0);
}
`
