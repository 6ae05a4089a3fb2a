import { accessSync, constants, existsSync, statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import { type OpenProcesses, processesWith } from './processes.ts'

/** What is around a database file, and decides how well SQLite can work with it. */
export interface Surroundings {
  /** Undefined where the system does not tell. */
  readonly fileSystem: { readonly name: string; readonly isRemote: boolean } | undefined
  /** What this user may write; files that are not there follow the folder. */
  readonly mayWrite: Readonly<Record<'folder' | 'file' | 'wal' | 'shm', boolean>>
  readonly open: OpenProcesses
}

/** What Linux calls the file systems of other machines, whose locks SQLite can't rely on (statfs(2)). */
const remote: Readonly<Record<number, string>> = {
  26985: 'nfs',
  20859: 'smb',
  4283649346: 'cifs',
  4266872130: 'smb2',
  16914839: '9p',
  12805120: 'ceph',
  1397113167: 'afs',
  198183888: 'lustre',
}

/** Those that people keep databases on; a FUSE may be anything. */
const local: Readonly<Record<number, string>> = {
  61267: 'ext4',
  1481003842: 'xfs',
  2435016766: 'btrfs',
  801189825: 'zfs',
  4076150800: 'f2fs',
  2035054128: 'overlayfs',
  1702057286: 'fuse',
  16914836: 'tmpfs',
  2240043254: 'ramfs',
}

/** @param file with all links followed, so that its log lies beside it. */
export function surroundingsOf(file: string): Surroundings {
  const folder = mayWrite(dirname(file))
  return {
    fileSystem: fileSystemOf(file),
    mayWrite: {
      folder,
      file: mayWrite(file),
      wal: existsSync(`${file}-wal`) ? mayWrite(`${file}-wal`) : folder,
      shm: existsSync(`${file}-shm`) ? mayWrite(`${file}-shm`) : folder,
    },
    open: processesWith(file),
  }
}

function fileSystemOf(file: string): Surroundings['fileSystem'] {
  try {
    return fileSystemNamed(statfsSync(file).type, process.platform)
  } catch {
    return undefined
  }
}

export function fileSystemNamed(type: number, platform: string): Surroundings['fileSystem'] {
  if (platform !== 'linux') return undefined
  const isRemote = remote[type] !== undefined
  return { name: remote[type] ?? local[type] ?? `0x${type.toString(16)}`, isRemote }
}

function mayWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}
