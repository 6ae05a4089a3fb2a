// Promises 2, 3 and 17, with system calls that fail below SQLite, of every kind and on every file. Writes go on in the same
// process once the fault is gone; what was acknowledged is there, what was `not-stored` is not, and the file is sound.
//
// LOCKKEEPER_FAULTS=all goes through every combination, which takes some minutes.
import { openDatabase } from '@lockkeeper/core'
import { childProcess, seeded, temporaryFolder } from '@lockkeeper/testkit'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { migrations } from '../concurrency/notes.ts'
import { FaultControl, type InjectedFault } from './control.ts'
import { compileFaults } from './library.ts'
import type { FaultStory } from './story.ts'

/** Which calls SQLite makes on which files, in WAL mode. */
const combinations: ReadonlyArray<readonly [call: string, files: readonly string[]]> = [
  ['read', ['database', 'log']],
  ['write', ['database', 'log']],
  ['sync', ['database', 'log', 'folder']],
  ['truncate', ['database', 'log', 'index']],
  ['open', ['database', 'log', 'index', 'folder']],
  ['lock', ['database', 'index']],
  ['map', ['index']],
  ['unlink', ['log', 'index']],
  ['close', ['database', 'log', 'index']],
  ['stat', ['database', 'log']],
]

const variants = fc.record({
  passing: fc.constantFrom(0, 1, 2, 5, 11),
  lasts: fc.boolean(),
  error: fc.constantFrom<InjectedFault['error']>('EIO', 'ENOSPC', 'EROFS'),
})

/** Of every combination one that lasts from the first call on, and some drawn by the seed. */
function faultsOf(call: string, file: string): InjectedFault[] {
  const first: InjectedFault = { call, file, passing: 0, lasts: true, error: 'EIO' }
  const others = fc.sample(variants, { seed, numRuns: drawn }).map((variant) => ({ call, file, ...variant }))
  // SQLite tries a lock of the log's index for ten seconds: only with time on our hands.
  return call === 'lock' && file === 'index' && drawn === 1
    ? [{ ...first, lasts: false }]
    : [first, ...others]
}

const built = await temporaryFolder()
afterAll(() => built[Symbol.asyncDispose]())
const library = built.file('faults.so')
const why = compileFaults(library)
const drawn = process.env.LOCKKEEPER_FAULTS === 'all' ? 8 : 1
const { seed } = seeded('faults below SQLite', drawn)

describe.skipIf(why !== undefined)(
  `system calls that fail${why === undefined ? '' : ` (left out: ${why})`}`,
  () => {
    it.each(combinations)(
      'of the kind %s, on %j: nothing acknowledged is lost, and service goes on when they work again',
      async (call, files) => {
        await using folder = await temporaryFolder()
        const faults = files.flatMap((file) => faultsOf(call, file))
        const control = folder.file('control')
        new FaultControl(control)[Symbol.dispose]()
        await using child = childProcess(new URL('./programs/write-through-faults.ts', import.meta.url), {
          args: [folder.file('a.db'), control, JSON.stringify(faults)],
          env: {
            LD_PRELOAD: library,
            LOCKKEEPER_FAULTS_CONTROL: control,
            LOCKKEEPER_FAULTS_FOLDER: folder.path,
          },
        })
        expect(await child.exited).toMatchObject({ code: 0, signal: null, stderr: expect.any(String) })
        const stories = child.told as FaultStory[]
        expect(stories).toHaveLength(faults.length)
        for (const story of stories) console.info(lineOf(story))
        const idle = stories.filter(({ fault, injected }) => fault.passing === 0 && injected === 0)
        // A log is emptied only after a failed sync.
        expect(idle.filter(({ fault }) => `${fault.call} ${fault.file}` !== 'truncate log')).toEqual([])
        await check(folder.file('a.db'), stories)
      },
      120_000,
    )
  },
)

async function check(file: string, stories: readonly FaultStory[]): Promise<void> {
  await using db = await openDatabase({ file, migrations })
  expect(await db.readColumn('select * from pragma_integrity_check')).toEqual(['ok'])
  const stored = new Set(await db.readColumn<number>('select id from notes'))
  const writes = stories.flatMap((story) => story.writes)
  const ids = (outcome: string) => writes.filter((write) => write.outcome === outcome).map(({ id }) => id)
  expect(ids('committed').filter((id) => !stored.has(id))).toEqual([])
  expect(ids('not-stored').filter((id) => stored.has(id))).toEqual([])
  const codes = new Set(writes.map(({ code }) => code).filter((code) => code !== undefined))
  expect([...codes].filter((code) => !typed.test(code))).toEqual([])
  // A schema that it cannot read SQLite calls malformed, for the read that met it: the next one looks again.
  const others = stories.flatMap(({ readCodes, openCode = 'cannot-open' }) => [...readCodes, openCode])
  expect(others.filter((code) => !typed.test(code) && code !== 'sqlite-corrupt')).toEqual([])
}

/** What a failing disk may be called: nothing here is corrupt, nobody's SQL is wrong, and no thread dies for good. */
const typed =
  /^(sqlite-(ioerr|full|cantopen|readonly|busy|protocol|locked)|cannot-open|file-replaced|deadline-exceeded|result-lost)/

function lineOf({ fault, injected, writes, readCodes, states, openCode }: FaultStory): string {
  const codes = [
    ...new Set(writes.map(({ outcome, code }) => `${outcome}${code === undefined ? '' : ` ${code}`}`)),
  ]
  return [
    `${fault.call} ${fault.file} after ${fault.passing}, ${fault.lasts ? 'lasting' : 'once'} ${fault.error}:`,
    `${injected} failed;`,
    `${codes.join(', ')}; reads ${[...readCodes].join(', ') || 'right'};`,
    `${[...states].join(', ')}${openCode === undefined ? '' : `; opening ${openCode}`}`,
  ].join(' ')
}
