// Looks at a shared library's file before the system's loader does. The loader ends the whole process over a file that was
// cut off (SIGBUS), and SQLite tells of its last attempt only, which is with another name.
import { closeSync, openSync, readSync, statSync } from 'node:fs'

/** What is wrong with the file, as far as its head tells; undefined if it is worth loading. */
export function faultOfLibrary(path: string): string | undefined {
  const info = statSync(path, { throwIfNoEntry: false })
  if (info === undefined) return 'there is no such file'
  if (!info.isFile()) return 'it is not a file'
  if (info.size === 0) return 'the file is empty'
  return process.platform === 'linux' ? faultOfElf(path, info.size) : undefined
}

/** The ELF format, 64 bits, little-endian: https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html. */
const elf = {
  magic: Buffer.from('\x7fELF\x02\x01', 'latin1'),
  headerBytes: 64,
  segmentsAt: 32,
  segmentBytesAt: 54,
  segmentCountAt: 56,
  segment: { offsetAt: 8, fileBytesAt: 32 },
}

function faultOfElf(path: string, size: number): string | undefined {
  const file = openSync(path, 'r')
  try {
    const header = Buffer.alloc(elf.headerBytes)
    const read = readSync(file, header, 0, header.length, 0)
    if (!header.subarray(0, elf.magic.length).equals(elf.magic)) return 'it is not a shared library'
    if (read < header.length) return cutOff
    const each = header.readUInt16LE(elf.segmentBytesAt)
    const segments = Buffer.alloc(each * header.readUInt16LE(elf.segmentCountAt))
    const at = Number(header.readBigUInt64LE(elf.segmentsAt))
    if (readSync(file, segments, 0, segments.length, at) < segments.length) return cutOff
    for (let start = 0; start + elf.segment.fileBytesAt + 8 <= segments.length; start += each) {
      const offset = Number(segments.readBigUInt64LE(start + elf.segment.offsetAt))
      const bytes = Number(segments.readBigUInt64LE(start + elf.segment.fileBytesAt))
      if (offset + bytes > size) return cutOff
    }
    return undefined
  } finally {
    closeSync(file)
  }
}

const cutOff = 'the file is cut off: build or install it again'
