// What is said of a file follows from plain data: here from made-up looks, at each bound.
import type { FileInspection } from '@lockkeeper/core/doctor'
import { describe, expect, it } from 'vitest'
import { freeBytesMin, logHugeBytes, logLongBytes } from '../limits.ts'
import { formatFile } from './format-file.ts'
import { judgeFile } from './judge-file.ts'
import { fileSystemNamed, type Surroundings } from './surroundings.ts'

const sound: FileInspection = {
  file: '/data/a.db',
  sqlite: '3.54.1',
  opened: 'query-only',
  files: { file: 40_960_000, wal: undefined, shm: undefined, journal: undefined, signals: undefined },
  settings: {
    journalMode: 'wal',
    pageBytes: 4_096,
    pages: 10_000,
    freePages: 10,
    autoVacuum: 'none',
    encoding: 'UTF-8',
    userVersion: 0,
    applicationId: 0,
    tablesWithForeignKeys: [],
    hasStatistics: true,
  },
  own: undefined,
  check: undefined,
  statements: [],
  left: [],
}

const around: Surroundings = {
  fileSystem: { name: 'ext4', isRemote: false },
  mayWrite: { folder: true, file: true, wal: true, shm: true },
  open: { known: true, processes: [], hidden: 0 },
}

const app = { pid: 7, command: 'node app.js', files: ['file', 'shm', 'wal'], hasOlder: false } as const
const inApp: Surroundings = { ...around, open: { known: true, processes: [app], hidden: 0 } }

const withLog = (wal: number): FileInspection => ({ ...sound, files: { ...sound.files, wal, shm: 32_768 } })
const settings = (some: Partial<FileInspection['settings']>): FileInspection => ({
  ...sound,
  settings: { ...sound.settings, ...some },
})

const judged = (inspection: FileInspection, surroundings: Surroundings = around): string[] =>
  judgeFile(inspection, surroundings).map(({ kind, severity }) => `${severity} ${kind}`)

describe('a file', () => {
  it('that is sound has nothing said of it', () => {
    expect(judged(sound)).toEqual([])
    expect(judged(withLog(logLongBytes - 1), inApp)).toEqual([])
    expect(judged(settings({ freePages: 5_000, pages: 10_000, pageBytes: 512 }))).toEqual(['low small-pages'])
  })

  it('with a long log is told so, whoever has it open', () => {
    expect(judged(withLog(logLongBytes), inApp)).toEqual(['medium long-log'])
    expect(judged(withLog(logHugeBytes), inApp)).toEqual(['high long-log'])
    expect(judged(withLog(logHugeBytes))).toEqual(['high long-log', 'medium log-left-behind'])
  })

  it('with a log that nobody is seen to have is left behind, surely only where all could be seen', () => {
    expect(judged(withLog(4_152))).toEqual(['medium log-left-behind'])
    expect(judged(withLog(4_152), { ...around, open: { known: true, processes: [], hidden: 2 } })).toEqual([
      'low log-left-behind',
    ])
    expect(judged(withLog(4_152), { ...around, open: { known: false } })).toEqual(['low log-left-behind'])
    expect(judged(withLog(0))).toEqual([])
  })

  it('that was replaced under a process is told with the process', () => {
    const open = { known: true, processes: [{ ...app, files: [], hasOlder: true }], hidden: 0 } as const
    const [finding] = judgeFile(sound, { ...around, open })
    expect(finding).toMatchObject({ kind: 'older-file', subject: '7', severity: 'high' })
    expect(finding?.evidence.join()).toContain('node app.js')
  })

  it('on another machine’s disk, by what statfs says of it on Linux', () => {
    const on = (type: number) => judged(sound, { ...around, fileSystem: fileSystemNamed(type, 'linux') })
    expect([0x6969, 0xff534d42, 0xfe534d42, 0x01021997].map(on)).toEqual(
      Array(4).fill(['high remote-file-system']),
    )
    expect([0xef53, 0x9123683e, 0x65735546, 0x12345678].map(on)).toEqual(Array(4).fill([]))
    expect(fileSystemNamed(0x6969, 'darwin')).toBeUndefined()
  })

  it('that this user can’t write: worse in WAL mode, where readers write to the -shm', () => {
    const without = (...what: ('folder' | 'file' | 'wal' | 'shm')[]): Surroundings => ({
      ...around,
      mayWrite: { ...around.mayWrite, ...Object.fromEntries(what.map((key) => [key, false])) },
    })
    expect(judged(sound, without('shm'))).toEqual(['medium rights'])
    expect(judged(sound, without('folder'))).toEqual(['medium rights'])
    expect(judged(sound, without('file'))).toEqual(['low rights'])
    expect(judged(settings({ journalMode: 'delete' }), without('folder'))).toEqual([
      'medium rollback-journal',
      'low rights',
    ])
  })

  it('with many free pages, if they are worth a vacuum', () => {
    const pages = (4 * freeBytesMin) / 4_096
    const many = settings({ pages, freePages: pages / 4 })
    expect(judged(many)).toEqual(['low free-pages'])
    expect(judgeFile(many, around)[0]?.remedy).toContain('(db.vacuum())')
    expect(judged(settings({ pages, freePages: pages / 4 - 1 }))).toEqual([])
    expect(judged(settings({ pages: pages / 2, freePages: pages / 8 }))).toEqual([])
  })

  it('that is vacuumed in every commit', () => {
    expect(judged(settings({ autoVacuum: 'full' }))).toEqual(['low auto-vacuum'])
    expect(judged(settings({ autoVacuum: 'incremental' }))).toEqual([])
  })

  it('with damage comes first', () => {
    const check = { isWhole: true, problems: ['a: x'], orphans: [], tablesChecked: 1, tablesLeft: [] }
    expect(judged({ ...settings({ journalMode: 'delete' }), check })).toEqual([
      'high damage',
      'medium rollback-journal',
    ])
  })
})

describe('its text', () => {
  const seen = {
    inspection: {
      ...withLog(logHugeBytes),
      own: {
        tables: ['lockkeeper_jobs'],
        migrations: [{ set: 'app', id: 3, name: 'notes' }],
        jobs: [{ id: 'j', procedure: 'p', status: 'paused', steps: 1, done: 5, total: 10 }],
        jobsUnfinished: 3,
      },
      statements: [{ sql: 'select \u001B[31m1\nfrom x', plan: undefined, refused: 'no such table: x' }],
    },
    surroundings: {
      ...inApp,
      open: { known: true, processes: [{ ...app, command: 'a\u001B[2Jb' }], hidden: 1 },
    },
    hasReport: true,
  } as const
  const text = (width: number): string =>
    formatFile({ ...seen, findings: judgeFile(seen.inspection, seen.surroundings) }, { width })

  it('fits its width, whatever is in it', () => {
    for (const width of [40, 80, 200])
      expect(
        text(width)
          .split('\n')
          .filter((line) => line.length > width),
      ).toEqual([])
  })

  it('shows what steers a terminal as dots', () => {
    expect(text(100)).not.toContain('\u001B')
    expect(text(100)).toMatch(/7 \(file, shm, wal\): a·\[2Jb/)
  })

  it('names jobs, processes that hide and statements that can’t be planned', () => {
    expect(text(200)).toMatch(/jobs unfinished +j: p, paused after 1 step, 5 of 10 done\n +and 2 more\n/)
    expect(text(200)).toMatch(/1 process of other users can’t be looked at/)
    expect(text(200)).toMatch(/cannot tell \(no such table: x\): select ·\[31m1 from x/)
  })

  it('says what is not known, and how to find out', () => {
    const surroundings: Surroundings = { ...around, fileSystem: undefined, open: { known: false } }
    const said = formatFile({ ...seen, surroundings, findings: [] }, { width: 200 })
    expect(said).toMatch(/open in +not known on this system: `lsof FILE FILE-wal FILE-shm` tells/)
    expect(said).toMatch(/file system +not known/)
  })
})
