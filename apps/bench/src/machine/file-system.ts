import { statfs } from 'node:fs/promises'

/** What Linux calls the file systems that people keep databases on, or should not (statfs(2)). */
const linuxNames: Readonly<Record<number, string>> = {
  61267: 'ext4',
  1481003842: 'xfs',
  2435016766: 'btrfs',
  801189825: 'zfs',
  4076150800: 'f2fs',
  2035054128: 'overlayfs',
  1702057286: 'fuse',
  26985: 'nfs',
  16914836: 'tmpfs',
  2240043254: 'ramfs',
}

/** The kind of file system a folder lies on; as a number where its name is not known here. */
export async function fileSystemOf(folder: string): Promise<string> {
  const { type } = await statfs(folder)
  const name = process.platform === 'linux' ? linuxNames[type] : undefined
  return name ?? `${process.platform} 0x${type.toString(16)}`
}

/** Whether what is synced there survives nothing: no disk, no fsync to measure. */
export function isInMemory(fileSystem: string): boolean {
  return fileSystem === 'tmpfs' || fileSystem === 'ramfs'
}
