// Builds what a flavour runs: SQLite as better-sqlite3 ships and configures it, the extension, and the tests.
import { readdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildSignals } from '../src/build.ts'
import type { Compiler } from '../src/compiler.ts'
import { buildFolder, nativeFolder } from '../src/places.ts'
import { compile } from './compile.ts'
import { type Flavour, sqliteFlags } from './flavours.ts'

export interface Suite {
  readonly program: string
  readonly extension: string
}

const testFolder = fileURLToPath(new URL('.', import.meta.url))
const outputFolder = join(buildFolder, 'native-test')
const dependencies = join(
  dirname(createRequire(import.meta.url).resolve('better-sqlite3/package.json')),
  'deps',
)
const sqliteFolder = join(dependencies, 'sqlite3')

/** Builds of SQLite under way or done, by kind: flavours share them. */
const objects = new Map<string, Promise<string>>()

/** @throws Error if something can't be compiled. */
export async function buildSuite(compiler: Compiler, flavour: Flavour): Promise<Suite> {
  const [object, extension] = await Promise.all([
    sqliteObject(compiler, flavour.sqlite),
    extensionOf(flavour),
  ])
  const program = join(outputFolder, flavour.name, 'suite')
  const sources = await filesIn(join(testFolder, 'harness'), join(testFolder, 'tests'))
  await compile(compiler, {
    output: program,
    args: [
      ...['-std=c11', '-D_GNU_SOURCE', '-Wall', '-Wextra', '-pthread', ...flavour.flags, '-I', sqliteFolder],
      ...sources.filter((file) => file.endsWith('.c')),
      // `-rdynamic`: the extension finds the suite's flock before the system's.
      ...[object, '-rdynamic', '-ldl', '-lm'],
    ],
    files: [...sources, join(nativeFolder, 'room.h'), join(sqliteFolder, 'sqlite3.h'), `${object}.stamp`],
  })
  return { program, extension }
}

async function extensionOf({ name, flags }: Flavour): Promise<string> {
  const result = await buildSignals({ flags, output: join(outputFolder, name, 'lockkeeper-signals.so') })
  if (!result.built) throw new Error(result.reason)
  return result.path
}

function sqliteObject(compiler: Compiler, kind: Flavour['sqlite']): Promise<string> {
  const known = objects.get(kind)
  if (known !== undefined) return known
  const building = buildSqlite(compiler, kind)
  objects.set(kind, building)
  return building
}

async function buildSqlite(compiler: Compiler, kind: Flavour['sqlite']): Promise<string> {
  const output = join(outputFolder, `sqlite-${kind}.o`)
  const source = join(sqliteFolder, 'sqlite3.c')
  const defines = await sqliteDefines()
  await compile(compiler, {
    output,
    args: ['-w', ...defines.map((define) => `-D${define}`), ...sqliteFlags[kind], '-c', source],
    files: [source],
  })
  return output
}

/** The configuration that better-sqlite3 compiles SQLite with. */
async function sqliteDefines(): Promise<string[]> {
  const text = await readFile(join(dependencies, 'defines.gypi'), 'utf8')
  const defines = [...text.matchAll(/^\s*'([A-Z][A-Z0-9_]*(?:=[^']*)?)',$/gm)].map(
    ([, define]) => define ?? '',
  )
  if (!defines.includes('SQLITE_THREADSAFE=2')) {
    throw new Error("better-sqlite3's defines.gypi is not as it was: SQLITE_THREADSAFE=2 is not in it")
  }
  return defines
}

async function filesIn(...folders: readonly string[]): Promise<string[]> {
  const lists = await Promise.all(
    folders.map(async (folder) => (await readdir(folder)).toSorted().map((name) => join(folder, name))),
  )
  return lists.flat().filter((file) => /\.[ch]$/.test(file))
}
