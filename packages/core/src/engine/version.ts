import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { sqliteVersionMin } from '../limits.ts'

/** @throws LockkeeperError `sqlite-too-old` */
export function assertSqliteVersion(version: string, versionMin: string = sqliteVersionMin): void {
  if (compareVersions(version, versionMin) >= 0) return
  throw new LockkeeperError(
    `SQLite ${version} is too old: ${versionMin} or newer is needed, since older ones can corrupt a database in WAL mode. Update better-sqlite3`,
    { code: 'sqlite-too-old', stage: 'open' },
  )
}

export function compareVersions(a: string, b: string): number {
  const left = a.split('.').map(Number)
  const right = b.split('.').map(Number)
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
