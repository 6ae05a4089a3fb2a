// The oldest SQLite that is safe with a checkpointer beside the writer; older ones can corrupt the file.
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { isLockkeeperError } from '../errors/lockkeeper-error.ts'
import { assertSqliteVersion, compareVersions } from './version.ts'

describe('versions of SQLite', () => {
  it.each([
    ['3.51.3', '3.51.3', 0],
    ['3.51.10', '3.51.9', 1],
    ['3.9.0', '3.51.3', -1],
    ['3.52', '3.51.99', 1],
    ['3.51', '3.51.0', 0],
    ['4.0.0', '3.99.99', 1],
  ])('%s against %s', (a, b, expected) => {
    expect(Math.sign(compareVersions(a, b))).toBe(expected)
    expect(Math.sign(compareVersions(b, a))).toBe(-expected + 0)
  })

  it.each(['3.51.3', '3.52.0', '4.0.0'])('%s will do', (version) => {
    expect(() => assertSqliteVersion(version)).not.toThrow()
  })

  it.each(['3.51.2', '3.9.9', '2.8.17'])('%s is refused, with what to do', (version) => {
    const refused = thrownBy(() => assertSqliteVersion(version))
    expect(isLockkeeperError(refused, 'sqlite-too-old')).toBe(true)
    expect(refused).toMatchObject({
      stage: 'open',
      message: expect.stringContaining('Update better-sqlite3'),
    })
  })

  it('the one that comes with better-sqlite3 will do', () => {
    const memory = new Database(':memory:')
    const version = memory.prepare('select sqlite_version()').pluck().get() as string
    memory.close()
    expect(() => assertSqliteVersion(version)).not.toThrow()
  })
})

function thrownBy(act: () => void): unknown {
  try {
    act()
  } catch (thrown) {
    return thrown
  }
  throw new Error('It did not throw')
}
