import { join } from 'node:path'
import { type Database, type OpenOptions, openDatabase } from '@lockkeeper/core'
import { counterRows } from '../../limits-telemetry.ts'
import { assertStored } from '../../subjects/schema.ts'

const schema = 'create table counters (id integer primary key, n integer not null) strict'
const countUp = 'update counters set n = n + 1 where id = ?'
const look = 'select n from counters where id = ?'

/** A database whose rows are counted up and read: it does not grow, so that one stretch is like the other. */
export class Counters {
  readonly db: Database
  #writes = 0

  private constructor(db: Database) {
    this.db = db
  }

  static async open(file: string, options: Pick<OpenOptions, 'telemetry' | 'signals'>): Promise<Counters> {
    const migrations = [{ set: 'bench', id: 1, name: 'counters', sql: schema }]
    const db = await openDatabase({ file, migrations, ...options })
    const rows = Array.from({ length: counterRows }, (_, id) => [id, 0])
    await db.writeMany('insert into counters values (?, ?)', rows)
    return new Counters(db)
  }

  async write(call: number, label: string | undefined): Promise<void> {
    await this.db.write(countUp, [call % counterRows], { label })
    this.#writes++
  }

  async read(call: number, label: string | undefined): Promise<void> {
    const n = await this.db.readValue<number>(look, [call % counterRows], { label })
    if (typeof n !== 'number') throw new Error(`Asked for counter ${call % counterRows} and got ${String(n)}`)
  }

  /** @throws Error unless the rows have counted just what was acknowledged. */
  async close(): Promise<void> {
    assertStored(await this.db.readValue('select sum(n) from counters'), this.#writes)
    await this.db.close()
  }
}

/** Two of them in one process, which is fine with two files. */
export async function openPair(
  folder: string,
  off: Pick<OpenOptions, 'telemetry' | 'signals'>,
): Promise<{
  readonly off: Counters
  readonly on: Counters
}> {
  return {
    off: await Counters.open(join(folder, 'off.db'), off),
    on: await Counters.open(join(folder, 'on.db'), {}),
  }
}

/** So many callers, each calling again once it has its answer, until all have called so often together. */
export async function callOften(
  calls: number,
  callers: number,
  call: (number: number) => Promise<void>,
): Promise<void> {
  let next = 0
  const caller = async (): Promise<void> => {
    while (next < calls) await call(next++)
  }
  await Promise.all(Array.from({ length: callers }, caller))
}
