// What is published works where there is no workspace: the packed packages, unpacked elsewhere, start their threads from
// their compiled files. `npm test` builds them first.
import { type ExecFileException, execFile } from 'node:child_process'
import { mkdir, readdir, readFile, realpath, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { type TemporaryFolder, temporaryFolder } from '@lockkeeper/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
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
  const { dependencies, peerDependencies } = JSON.parse(
    await readFile(join(target, 'package.json'), 'utf8'),
  ) as { [kind in 'dependencies' | 'peerDependencies']?: Record<string, string> }
  for (const dependency of Object.keys({ ...dependencies, ...peerDependencies })) {
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

it('the command runs from its tarball, by its name', async () => {
  await using folder = await temporaryFolder()
  await install('core', folder.path)
  await install('cli', folder.path)
  await writeFile(
    folder.file('app.mjs'),
    `import { openDatabase } from '@lockkeeper/core'
     await using db = await openDatabase({
       file: 'notes.db',
       migrations: [{ set: 'app', id: 1, name: 'notes', sql: 'create table notes (body text)' }],
     })`,
  )
  await run(process.execPath, ['app.mjs'], { cwd: folder.path })
  const manifest = folder.file('node_modules/@lockkeeper/cli/package.json')
  const { bin } = JSON.parse(await readFile(manifest, 'utf8')) as { bin: { lockkeeper: string } }
  const command = join(manifest, '..', bin.lockkeeper)
  const { stdout } = await run(process.execPath, [command, 'doctor', 'notes.db'], { cwd: folder.path })
  expect(stdout).toMatch(/migrations +newest of each set: app 1 \(notes\)[\s\S]*nothing stands out/)
}, 120_000)

describe('the signals from their tarball', () => {
  let folder: TemporaryFolder

  beforeAll(async () => {
    folder = await temporaryFolder()
    await install('core', folder.path)
    await install('signals', folder.path)
    await writeFile(
      folder.file('locate.mjs'),
      `import { locateSignals } from '@lockkeeper/signals'
       console.log(JSON.stringify(locateSignals()))`,
    )
    await writeFile(
      folder.file('app.mjs'),
      `import { openDatabase } from '@lockkeeper/core'
       await using db = await openDatabase({
         file: 'notes.db',
         migrations: [{ set: 'app', id: 1, name: 'notes', sql: 'create table notes (body text)' }],
       })
       await db.write('insert into notes values (?)', ['hi'])
       console.log(JSON.stringify(db.report().signals))`,
    )
  }, 120_000)

  afterAll(() => folder[Symbol.asyncDispose]())

  /** What a program of the folder says, and how it ended. None of the settings of whoever runs the tests count. */
  async function program(...args: readonly string[]): Promise<{ code: unknown; text: string }> {
    const { LOCKKEEPER_SIGNALS: _, ...env } = process.env
    try {
      const { stdout } = await run(process.execPath, args, { cwd: folder.path, env })
      return { code: 0, text: stdout }
    } catch (thrown) {
      const { code, stderr } = thrown as ExecFileException
      return { code, text: stderr ?? '' }
    }
  }

  it('are not there until they are built, which is said; core works without', async () => {
    const { text } = await program('locate.mjs')
    expect(JSON.parse(text)).toEqual({ reason: expect.stringContaining('npx lockkeeper-signals build') })
    expect(JSON.parse((await program('app.mjs')).text)).toMatchObject({ waiting: 'none', interrupts: false })
  })

  it('are built by their command where there is a compiler; then core finds them', async () => {
    const manifest = folder.file('node_modules/@lockkeeper/signals/package.json')
    const { bin } = JSON.parse(await readFile(manifest, 'utf8')) as { bin: Record<string, string> }
    const command = join(manifest, '..', bin['lockkeeper-signals'] ?? '')
    const { code, text } = await program(command, 'build')
    if (code === 3) {
      expect(text).toMatch(/no C compiler|Windows/)
      return
    }
    const path = /^built (.*)\n$/.exec(text)?.[1]
    expect({ code, path }).toEqual({ code: 0, path: expect.stringContaining('lockkeeper-signals') })
    expect(JSON.parse((await program('locate.mjs')).text)).toEqual({ path })
    expect(JSON.parse((await program('app.mjs')).text)).toMatchObject({
      waiting: expect.stringMatching(/futex|polling/),
      interrupts: true,
    })
  })
})
