// Opens nothing but what /proc shows of processes; the database and its neighbours are only asked for with stat.
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { commandLengthMax } from '../limits.ts'

/** Which of a database's files a process has open. */
export type OpenFile = 'file' | 'wal' | 'shm' | 'journal'

export interface OpenIn {
  readonly pid: number
  /** As it was started, shortened. */
  readonly command: string
  readonly files: readonly OpenFile[]
  /** Whether it has a file of this name open that has been removed or replaced since. */
  readonly hasOlder: boolean
}

/** Who has a database open. */
export type OpenProcesses =
  | {
      readonly known: true
      readonly processes: readonly OpenIn[]
      /** Processes of others, whose files may not be looked at. */
      readonly hidden: number
    }
  /** The system does not tell without a tool of its own. */
  | { readonly known: false }

const endings: Readonly<Record<OpenFile, string>> = {
  file: '',
  wal: '-wal',
  shm: '-shm',
  journal: '-journal',
}

/**
 * The other processes that have a database open, as far as the system tells: on Linux by what /proc shows of the processes that this
 * user may look at, in this container.
 *
 * @param file with all links followed.
 */
export function processesWith(
  file: string,
  proc = '/proc',
  platform: string = process.platform,
): OpenProcesses {
  if (platform !== 'linux') return { known: false }
  const wanted = new Map<string, OpenFile>()
  for (const [name, ending] of Object.entries(endings) as [OpenFile, string][]) {
    const mark = markOf(file + ending)
    if (mark !== undefined) wanted.set(mark, name)
  }
  const names = new Set(Object.values(endings).map((ending) => `${file + ending} (deleted)`))
  const processes: OpenIn[] = []
  let hidden = 0
  for (const entry of listOf(proc) ?? []) {
    const pid = Number(entry)
    if (!Number.isInteger(pid) || pid === process.pid) continue
    const folder = join(proc, entry, 'fd')
    const handles = listOf(folder)
    if (handles === undefined) {
      // One that has ended meanwhile is not hidden.
      if (markOf(join(proc, entry)) !== undefined) hidden++
      continue
    }
    const links = handles.map((handle) => ({
      path: join(folder, handle),
      target: targetOf(join(folder, handle)),
    }))
    const files = links
      .filter(({ target }) => isOnDisk(target))
      .flatMap(({ path }) => wanted.get(markOf(path) ?? '') ?? [])
    const hasOlder = links.some(({ target }) => names.has(target))
    if (files.length > 0 || hasOlder)
      processes.push({
        pid,
        command: commandOf(join(proc, entry)),
        files: [...new Set(files)].sort(),
        hasOlder,
      })
  }
  return { known: true, processes: processes.sort((one, other) => one.pid - other.pid), hidden }
}

/** Pipes, sockets and devices are passed by: asking for some of them can take long. */
function isOnDisk(target: string): boolean {
  return target.startsWith('/') && !/^\/(?:dev|proc|sys)\//.test(target)
}

function listOf(folder: string): string[] | undefined {
  try {
    return readdirSync(folder)
  } catch {
    return undefined
  }
}

function targetOf(link: string): string {
  try {
    return readlinkSync(link)
  } catch {
    return ''
  }
}

function markOf(path: string): string | undefined {
  try {
    const { dev, ino } = statSync(path, { bigint: true })
    return `${dev}:${ino}`
  } catch {
    return undefined
  }
}

function commandOf(folder: string): string {
  try {
    const [program = '', ...words] = readFileSync(join(folder, 'cmdline'), 'utf8')
      .replace(/\0+$/, '')
      .split('\0')
    // Where the program itself lies says less than what it was told to run.
    const command = [basename(program), ...words].join(' ').trim()
    return shortened(command === '' ? readFileSync(join(folder, 'comm'), 'utf8').trim() : command)
  } catch {
    return 'unknown'
  }
}

function shortened(command: string): string {
  return command.length > commandLengthMax ? `${command.slice(0, commandLengthMax - 1)}…` : command
}
