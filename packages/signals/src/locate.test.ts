// The extension is optional: wherever it is looked for, not finding it is an answer, never an error.
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, relative, resolve } from 'node:path'
import { type TemporaryFolder, temporaryFolder } from '@lockkeeper/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { locateIn, locateSignals, type Surroundings } from './locate.ts'

let folder: TemporaryFolder
let linux: Surroundings

beforeEach(async () => {
  folder = await temporaryFolder()
  linux = {
    setting: undefined,
    platform: 'linux',
    arch: 'x64',
    isMusl: () => false,
    from: folder.file('app.js'),
    buildFolder: folder.file('build'),
  }
})

afterEach(() => folder[Symbol.asyncDispose]())

/** Puts a file in the folder, whatever is in it, and says where it is. */
async function put(name: string, text = ''): Promise<string> {
  const path = folder.file(name)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text)
  return path
}

const carrier = (name: string): string => `node_modules/@lockkeeper/signals-${name}`

describe('LOCKKEEPER_SIGNALS', () => {
  it('turns the extension off, whatever is there', async () => {
    await put('build/lockkeeper-signals.so')
    const reason = 'turned off by LOCKKEEPER_SIGNALS'
    expect(locateIn({ ...linux, setting: 'off' })).toEqual({ path: undefined, reason })
  })

  it.each(['', 'on'])('set to %j changes nothing', async (setting) => {
    const path = await put('build/lockkeeper-signals.so')
    expect(locateIn({ ...linux, setting })).toEqual({ path })
  })

  it('names a file, which comes before all others', async () => {
    await put('build/lockkeeper-signals.so')
    const path = await put('my-build.so')
    expect(locateIn({ ...linux, setting: path })).toEqual({ path })
    expect(locateIn({ ...linux, platform: 'win32', setting: path })).toEqual({ path })
  })

  it('takes a relative name from the working directory, and answers with the whole path', async () => {
    const path = await put('my-build.so')
    expect(locateIn({ ...linux, setting: relative('.', path) })).toEqual({ path })
  })

  it('names a file that is not there: the build is not taken instead', async () => {
    await put('build/lockkeeper-signals.so')
    const reason = `LOCKKEEPER_SIGNALS names ${resolve('gone.so')}, which is not there`
    expect(locateIn({ ...linux, setting: 'gone.so' })).toEqual({ path: undefined, reason })
  })
})

describe('a carrier package', () => {
  it('for the platform comes before the local build', async () => {
    await put('build/lockkeeper-signals.so')
    const path = await put(`${carrier('linux-x64')}/lockkeeper-signals.so`)
    expect(locateIn(linux)).toEqual({ path })
  })

  it('for musl is taken on musl, and no other there', async () => {
    const glibc = await put(`${carrier('linux-x64')}/lockkeeper-signals.so`)
    expect(locateIn({ ...linux, isMusl: () => true }).path).toBeUndefined()
    const musl = await put(`${carrier('linux-x64-musl')}/lockkeeper-signals.so`)
    expect(locateIn({ ...linux, isMusl: () => true })).toEqual({ path: musl })
    expect(locateIn(linux)).toEqual({ path: glibc })
  })

  it('for macOS brings a .dylib', async () => {
    const path = await put(`${carrier('darwin-arm64')}/lockkeeper-signals.dylib`)
    expect(locateIn({ ...linux, platform: 'darwin', arch: 'arm64' })).toEqual({ path })
  })

  it.each([
    ['without the file', { 'package.json': '{}' }],
    ['with a damaged manifest', { 'package.json': '{"exports":', 'lockkeeper-signals.so': '' }],
    ['that does not let the file out', { 'package.json': '{"exports":{}}', 'lockkeeper-signals.so': '' }],
  ])('%s is passed over', async (_, files) => {
    for (const [name, text] of Object.entries(files)) await put(`${carrier('linux-x64')}/${name}`, text)
    const path = await put('build/lockkeeper-signals.so')
    expect(locateIn(linux)).toEqual({ path })
  })
})

describe('without an extension', () => {
  it('the reason says how to get one', () => {
    expect(locateIn(linux)).toEqual({
      path: undefined,
      reason: expect.stringMatching(/linux-x64.*npx lockkeeper-signals build.*C compiler/),
    })
  })

  it('the reason on Windows is Windows', () => {
    const reason = 'the signals extension does not exist for Windows'
    expect(locateIn({ ...linux, platform: 'win32' })).toEqual({ path: undefined, reason })
  })
})

it('locateSignals answers for this process, without making a report that waits for its threads', () => {
  const { getReport } = process.report
  process.report.getReport = () => {
    throw new Error('a report waits for what every thread runs')
  }
  try {
    const { path } = locateSignals()
    if (path !== undefined) expect(path).toBe(resolve(path))
  } finally {
    process.report.getReport = getReport
  }
})
