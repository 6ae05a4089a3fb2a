import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

export interface SourceFile {
  /** From the root, with slashes: `packages/core/src/limits.ts`. */
  readonly path: string
  readonly text: string
  /** Everything it imports, types included, as written. */
  readonly imports: readonly string[]
}

/** The TypeScript files below a folder, without what is installed or built. */
export function sourceFiles(...folders: readonly string[]): readonly SourceFile[] {
  return filesBelow(folders, /\.ts$/).map((file) => ({ ...file, imports: importsOf(file.text) }))
}

/** The C files below a folder, headers included. */
export function nativeFiles(...folders: readonly string[]): readonly Omit<SourceFile, 'imports'>[] {
  return filesBelow(folders, /\.[ch]$/)
}

function filesBelow(folders: readonly string[], names: RegExp): Omit<SourceFile, 'imports'>[] {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && names.test(entry.name))
      .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
      .filter((path) => !/(^|\/)(node_modules|dist)\//.test(path))
      .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') })),
  )
}

/** Tests; and what those of the signals run in other threads, those of the command in processes, which use SQLite as an app would. */
export const isTest = ({ path }: SourceFile): boolean =>
  path.endsWith('.test.ts') ||
  path.startsWith('test/') ||
  /^packages\/(signals\/(fixtures|native-test)|cli\/fixtures)\//.test(path)

function importsOf(text: string): string[] {
  // Examples in comments import from the package that they document.
  const code = text.replaceAll(/^\s*\*.*$|\/\/.*$/gm, '')
  const found = code.matchAll(
    /^\s*(?:import|export)\b[^'"]*?\bfrom '([^']+)'|^\s*import '([^']+)'|\bimport\('([^']+)'\)/gm,
  )
  return [...found].map(([, from, bare, dynamic]) => from ?? bare ?? dynamic ?? '')
}
