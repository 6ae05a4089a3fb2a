// Who has a file open: real processes, and a /proc that the test makes up for those that nobody may look at.
import { mkdir, readlink, realpath, rename, symlink, writeFile } from 'node:fs/promises'
import { childProcess, type TemporaryFolder, temporaryFolder } from '@lockkeeper/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { processesWith } from './processes.ts'

let folder: TemporaryFolder
let file: string

beforeEach(async () => {
  folder = await temporaryFolder()
  file = `${await realpath(folder.path)}/a.db`
})

afterEach(() => folder[Symbol.asyncDispose]())

const holdOpen = new URL('../../fixtures/programs/hold-open.ts', import.meta.url)

describe.runIf(process.platform === 'linux')('real processes', () => {
  it('are named with what they have open, and gone when they are', async () => {
    await using neighbour = childProcess(holdOpen, { args: [file] })
    await neighbour.reached('open')
    const there = processesWith(file)
    expect(there).toMatchObject({
      known: true,
      processes: [
        {
          pid: neighbour.pid,
          command: expect.stringContaining('hold-open.ts'),
          files: ['file', 'shm', 'wal'],
          hasOlder: false,
        },
      ],
    })
    neighbour.kill()
    await neighbour.exited
    expect(processesWith(file)).toMatchObject({ known: true, processes: [] })
  })

  it('that go on in a file which was replaced are told apart', async () => {
    await using neighbour = childProcess(holdOpen, { args: [file] })
    await neighbour.reached('open')
    await writeFile(folder.file('new.db'), '')
    await rename(folder.file('new.db'), file)
    expect(processesWith(file)).toMatchObject({
      processes: [{ pid: neighbour.pid, files: ['shm', 'wal'], hasOlder: true }],
    })
    expect(await readlink(`/proc/${neighbour.pid}/exe`)).toBeTruthy()
  })
})

describe('a /proc', () => {
  /** A process in a made-up /proc, with links to what it has open; without, one that may not be looked at. */
  async function add(pid: number, cmdline: string, open: readonly string[] | undefined): Promise<void> {
    await mkdir(folder.file(`proc/${pid}`), { recursive: true })
    await writeFile(folder.file(`proc/${pid}/cmdline`), cmdline)
    await writeFile(folder.file(`proc/${pid}/comm`), 'short\n')
    if (open === undefined) return
    await mkdir(folder.file(`proc/${pid}/fd`))
    for (const [handle, target] of open.entries())
      await symlink(target, folder.file(`proc/${pid}/fd/${handle}`))
  }

  it('is read for those who have one of the files, whatever else they have', async () => {
    await writeFile(file, 'x')
    await writeFile(`${file}-wal`, 'x')
    await add(20, 'node\0app.js\0--long\0', ['pipe:[1]', '/dev/null', file, file, `${file}-wal`])
    await add(3, '', [file])
    await add(4, 'cat\0', ['socket:[2]', folder.file('nothing')])
    await add(5, 'secret\0', undefined)
    await add(process.pid, 'self\0', [file])
    await mkdir(folder.file('proc/sys'))
    expect(processesWith(file, folder.file('proc'), 'linux')).toEqual({
      known: true,
      processes: [
        { pid: 3, command: 'short', files: ['file'], hasOlder: false },
        { pid: 20, command: 'node app.js --long', files: ['file', 'wal'], hasOlder: false },
      ],
      hidden: 1,
    })
  })

  it('is not there on other systems', () => {
    expect(processesWith(file, '/proc', 'darwin')).toEqual({ known: false })
  })
})
