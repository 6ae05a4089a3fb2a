// What is published works where there is no workspace: the packed packages, unpacked elsewhere, start their threads from
// their compiled files. `npm test` builds them first.
import { execFile } from 'node:child_process'
import { mkdir, readdir, readFile, realpath, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { temporaryFolder } from '@lockkeeper/testkit'
import { expect, it } from 'vitest'
import { root } from '../tidy/source-files.ts'

const run = promisify(execFile)

/** Packs a package as it would be published, and lays it out as an install would. */
async function install(name: string, into: string): Promise<void> {
  const source = join(root, 'packages', name)
  const pnpm = /'(pnpm@[\d.]+)'/.exec(await readFile(join(root, '.ci/setup.mjs'), 'utf8'))?.[1] ?? ''
  await run('npx', ['--yes', pnpm, 'pack', '--pack-destination', into], { cwd: source })
  const tarball = (await readdir(into)).find((file) => file.includes(`lockkeeper-${name}`)) ?? ''
  const target = join(into, 'node_modules/@lockkeeper', name)
  await mkdir(target, { recursive: true })
  await run('tar', ['-xzf', join(into, tarball), '--strip-components=1', '-C', target])
  const { dependencies } = JSON.parse(await readFile(join(target, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>
  }
  for (const dependency of Object.keys(dependencies)) {
    if (dependency.startsWith('@lockkeeper/')) continue
    const link = join(into, 'node_modules', dependency)
    await mkdir(dirname(link), { recursive: true })
    await symlink(await realpath(join(source, 'node_modules', dependency)), link).catch(ignoreExisting)
  }
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error
}

it('core and the peer store run from their tarballs', async () => {
  await using folder = await temporaryFolder()
  await install('core', folder.path)
  await install('peer-store', folder.path)
  await writeFile(
    folder.file('procedures.mjs'),
    `import { write, read } from '@lockkeeper/core/procedures'
     export const add = write((tx, body) => tx.run('insert into notes values (?)', [body]).changes)
     export const all = read((tx) => tx.all('select body from notes'))`,
  )
  await writeFile(
    folder.file('app.mjs'),
    `import { openDatabase, procedures } from '@lockkeeper/core'
     import { openPeerStore } from '@lockkeeper/peer-store'
     await using db = await openDatabase({
       file: 'notes.db',
       migrations: [{ set: 'app', id: 1, name: 'notes', sql: 'create table notes (body text)' }],
       procedures: { notes: procedures(new URL('./procedures.mjs', import.meta.url)) },
     })
     await db.call.notes.add('hi')
     await using store = await openPeerStore({ file: 'peers.db' })
     console.log(JSON.stringify([await db.call.notes.all(), await store.status()]))`,
  )
  const { stdout } = await run(process.execPath, ['app.mjs'], { cwd: folder.path })
  expect(JSON.parse(stdout)).toMatchObject([[{ body: 'hi' }], { documents: 0, blobs: 0 }])
}, 120_000)
