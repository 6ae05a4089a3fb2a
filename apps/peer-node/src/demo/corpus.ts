import { copyFile, mkdir, readdir, readFile, realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type FoundFile, findFiles } from '../content/found-files.ts'
import { textKindOf } from '../content/text-detection.ts'

const installed = fileURLToPath(new URL('../../../../node_modules/.pnpm', import.meta.url))

/**
 * Puts every Markdown file of the installed packages under one folder, each where its package's name and version say:
 * `hono@4.0.0/README.md`.
 * @returns how many there are.
 */
export async function gatherCorpus(folder: string): Promise<number> {
  const seen = new Set<string>()
  let count = 0
  for await (const { file, path } of installedMarkdown()) {
    const real = await realpath(file)
    if (seen.has(path) || seen.has(real)) continue // one package, installed beside different companions
    seen.add(path).add(real)
    const copy = join(folder, ...path.split('/'))
    await mkdir(dirname(copy), { recursive: true })
    await copyFile(file, copy)
    count++
  }
  return count
}

/** In pnpm's layout: `.pnpm/<name@version and companions>/node_modules/<name>`; other names there are symbolic links. */
async function* installedMarkdown(): AsyncGenerator<FoundFile> {
  for (const place of await subfolders(installed)) {
    for (const [name, folder] of await packagesIn(join(installed, place, 'node_modules'))) {
      const version = await versionOf(folder)
      const root = { folder, file: undefined }
      for await (const { file, path } of findFiles(root, '', () => undefined)) {
        if (textKindOf(path) === 'markdown') yield { file, path: `${name}@${version}/${path}` }
      }
    }
  }
}

async function packagesIn(folder: string): Promise<[name: string, folder: string][]> {
  const packages: [string, string][] = []
  for (const name of await subfolders(folder)) {
    if (!name.startsWith('@')) {
      packages.push([name, join(folder, name)])
      continue
    }
    for (const scoped of await subfolders(join(folder, name))) {
      packages.push([`${name}/${scoped}`, join(folder, name, scoped)])
    }
  }
  return packages
}

/** The folders in a folder, symbolic links left out, in a stable order; none if it is not there. */
async function subfolders(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  return entries.flatMap((entry) => (entry.isDirectory() ? entry.name : [])).sort()
}

async function versionOf(folder: string): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8').catch(() => '{}'))
  const { version } = manifest as { version?: unknown }
  return typeof version === 'string' ? version : 'unknown'
}
