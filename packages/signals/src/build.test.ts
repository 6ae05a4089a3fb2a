// The build against compilers that do what a test wants: small shell scripts in place of a real one.
import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { type TemporaryFolder, temporaryFolder } from '@lockkeeper/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { BuildOptions, BuildResult } from './build.ts'
import { buildIn, type Workshop } from './compile.ts'
import { complaintLineCharactersMax } from './limits.ts'

let folder: TemporaryFolder

beforeEach(async () => {
  folder = await temporaryFolder()
  await mkdir(folder.file('native'))
  await writeFile(folder.file('native/one.c'), 'one;')
  await writeFile(folder.file('native/two.c'), 'two;')
  await writeFile(folder.file('native/two.h'), 'header;')
  await compiler(compiles)
})

afterEach(() => folder[Symbol.asyncDispose]())

/** Notes that it was called, and puts the sources together as they are. */
const compiles = `echo "$@" >> "$(dirname "$0")/calls"
while [ $# -gt 0 ]; do [ "$1" = -o ] && output=$2; shift; done
cat *.c > "$output"`

async function compiler(body: string, version = 'echo compiler 1.0'): Promise<void> {
  const script = `#!/bin/sh\nif [ "$1" = --version ]; then ${version}; exit; fi\n${body}\n`
  await writeFile(folder.file('cc'), script)
  await chmod(folder.file('cc'), 0o755)
}

function build(options: BuildOptions = {}, workshop: Partial<Workshop> = {}): Promise<BuildResult> {
  const environment = { ...process.env, CC: folder.file('cc') }
  return buildIn(
    { sources: folder.file('native'), environment, platform: 'linux', runMsMax: 20_000, ...workshop },
    { output: folder.file('build/signals.so'), ...options },
  )
}

const built = (compiled: boolean): BuildResult => ({
  built: true,
  path: folder.file('build/signals.so'),
  compiled,
})

const notBuilt = (failure: string, reason: string | RegExp): unknown => ({
  built: false,
  failure,
  reason: expect.stringMatching(reason),
})

const calls = async (): Promise<string[]> =>
  (await readFile(folder.file('calls'), 'utf8')).trimEnd().split('\n')

const output = (): Promise<string> => readFile(folder.file('build/signals.so'), 'utf8')

describe('a build', () => {
  it('compiles all C files in one call, with SQLite’s header', async () => {
    expect(await build()).toEqual(built(true))
    expect(await output()).toBe('one;two;')
    expect(await calls()).toEqual([
      expect.stringMatching(
        /^-std=c11 -O2 -fPIC -fvisibility=hidden .*-shared -pthread -I \S+sqlite3 -o \S+ one\.c two\.c$/,
      ),
    ])
  })

  it('is not done again while nothing has changed', async () => {
    await build()
    expect(await build()).toEqual(built(false))
    expect(await calls()).toHaveLength(1)
  })

  it.each<[string, () => Promise<unknown>]>([
    ['a source', () => writeFile(folder.file('native/one.c'), 'another;')],
    ['a header', () => writeFile(folder.file('native/two.h'), 'another;')],
    ['the list of sources', () => rm(folder.file('native/two.c'))],
    ['the compiler', () => compiler(compiles, 'echo compiler 2.0')],
    ['the built file, by damage', () => writeFile(folder.file('build/signals.so'), 'one;')],
    ['the built file, by removal', () => rm(folder.file('build/signals.so'))],
    ['the stamp, by removal', () => rm(folder.file('build/signals.so.stamp'))],
  ])('is done again after a change to %s', async (_, change) => {
    await build()
    await change()
    expect(await build()).toEqual(built(true))
    expect(await build()).toEqual(built(false))
    expect(await calls()).toHaveLength(2)
  })

  it('with other flags is another build', async () => {
    await build()
    expect(await build({ flags: ['-fsanitize=address'] })).toEqual(built(true))
    expect((await calls())[1]).toContain('-fsanitize=address')
  })

  it('under another name leaves the usual one alone', async () => {
    await build()
    const path = folder.file('build/sanitized.so')
    expect(await build({ output: path, flags: ['-fsanitize=thread'] })).toEqual({
      built: true,
      path,
      compiled: true,
    })
    expect(await build()).toEqual(built(false))
    expect((await readdir(folder.file('build'))).toSorted()).toEqual([
      'sanitized.so',
      'sanitized.so.stamp',
      'signals.so',
      'signals.so.stamp',
    ])
  })

  it('beside another one gives one whole file', async () => {
    expect(await Promise.all([build(), build()])).toEqual([built(true), built(true)])
    expect(await output()).toBe('one;two;')
    expect((await readdir(folder.file('build'))).toSorted()).toEqual(['signals.so', 'signals.so.stamp'])
  })
})

describe('without what it takes', () => {
  it('a machine has no compiler', async () => {
    const nowhere = { environment: { PATH: folder.file('native') } }
    expect(await build({}, nowhere)).toEqual(
      notBuilt('unsupported', /^there is no C compiler: none of cc, gcc, clang is on the PATH$/),
    )
  })

  it('CC names a compiler that is not there: no other is taken', async () => {
    const environment = { ...process.env, CC: '/nonexistent' }
    expect(await build({}, { environment })).toEqual(
      notBuilt('unsupported', /^there is no C compiler: CC names \/nonexistent: .*ENOENT/),
    )
  })

  it('a compiler is only a promise of one, as on a macOS without developer tools', async () => {
    await compiler(compiles, 'echo note: no developer tools were found >&2; exit 1')
    expect(await build()).toEqual(notBuilt('unsupported', /cc failed: note: no developer tools were found$/))
  })

  it('Windows is not tried', async () => {
    expect(await build({}, { platform: 'win32' })).toEqual(notBuilt('unsupported', 'Windows'))
  })
})

describe('a build that fails', () => {
  it('says what the compiler complained of first, and keeps the old file', async () => {
    await build()
    await compiler('echo "one.c:1:1: error: no" >&2; echo "1 | one;" >&2; echo > "$4"; exit 1', 'echo 3.0')
    expect(await build()).toEqual(notBuilt('failed', /cc failed: one\.c:1:1: error: no \/ 1 \| one;$/))
    expect(await output()).toBe('one;two;')
    expect((await readdir(folder.file('build'))).toSorted()).toEqual(['signals.so', 'signals.so.stamp'])
  })

  it('keeps its reason short, however much the compiler says', async () => {
    await compiler('head -c 1000000 /dev/zero | tr "\\0" x >&2; exit 1')
    const result = await build()
    expect(result).toEqual(notBuilt('failed', 'cc failed: xxx'))
    expect(JSON.stringify(result).length).toBeLessThan(complaintLineCharactersMax + 300)
  })

  it('ends, even if the compiler does not', async () => {
    await compiler('exec tail -f /dev/null')
    expect(await build({}, { runMsMax: 100 })).toEqual(notBuilt('failed', /did not end within 100 ms$/))
  })

  it('does not throw where it may not write', async () => {
    await writeFile(folder.file('build'), 'a file where the folder should be')
    expect(await build()).toEqual(notBuilt('failed', /EEXIST|ENOTDIR/))
  })
})
