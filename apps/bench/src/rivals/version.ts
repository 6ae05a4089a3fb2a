import { openMemory, readValue } from './raw-connection.ts'

/** The SQLite that every subject runs on: there is one copy of it in the workspace. */
export function readVersion(): string {
  const database = openMemory()
  try {
    return String(readValue(database, 'select sqlite_version()'))
  } finally {
    database.close()
  }
}
