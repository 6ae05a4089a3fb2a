// Promise 2 for jobs, at random: whatever becomes of the transactions that a job's steps share, of its threads, and whoever else
// drives it, each of its steps is stored exactly once and in its order.
import { type FaultPolicy, faultPolicy, seeded, sqliteFault, temporaryFolder } from '@lockkeeper/testkit'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type EngineRoom, engineRoom } from '../../fixtures/batch-runner.ts'
import type { TransactionStep } from '../../fixtures/faulty-connection.ts'
import type { WriteWork } from '../writer/batch.ts'

const upto = 12

const step = (id: string): WriteWork => ({ kind: 'job', order: { order: 'step', id } })
const statement = (sql: string): WriteWork => ({ kind: 'statement', sql, parameters: undefined })

/**
 * Items by name, so that a failing run reads well. The last three cost the whole transaction. None but the job's notes have a
 * weight, or an id above 0, so that the job's ascend as they are stored.
 */
const items: Readonly<Record<string, (id: string) => WriteWork>> = {
  step,
  good: () => statement('insert or ignore into notes (id) values (-1)'),
  constraint: () => statement('insert into notes (id) values (-2), (-2)'),
  'or rollback': () => statement('insert or rollback into notes (id) values (-2), (-2)'),
  'swallowed rollback': () => ({
    kind: 'procedure',
    name: 'notes.swallowRollback',
    input: { id: -2, body: 'x' },
  }),
  'deferred key': () => statement('insert into links (note) values (-404)'),
}

/** What goes wrong while a batch is run, beside its items. */
type Fault = 'none' | 'full once' | 'full twice' | 'slice over' | 'asked to yield' | 'commit lost'

interface Turn {
  readonly names: readonly string[]
  readonly fault: Fault
  /** Who runs it: two processes share the file. */
  readonly driver: 0 | 1
  /** The driver's thread dies afterwards, with all that its generators remember. */
  readonly dies: boolean
}

const turns = fc.array(
  fc.record<Turn>({
    names: fc.array(
      fc.oneof({ weight: 3, arbitrary: fc.constant('step') }, fc.constantFrom(...Object.keys(items))),
      {
        minLength: 1,
        maxLength: 4,
      },
    ),
    fault: fc.constantFrom<Fault>(
      'none',
      'none',
      'full once',
      'full twice',
      'slice over',
      'asked to yield',
      'commit lost',
    ),
    driver: fc.constantFrom<0 | 1>(0, 1),
    dies: fc.constantFrom(false, false, false, true),
  }),
  { maxLength: 14 },
)

interface Driver {
  room: EngineRoom
  readonly faults: FaultPolicy<TransactionStep>
}

it('each step of a job is stored exactly once, whatever happens around it', async () => {
  await using folder = await temporaryFolder()
  const file = folder.file('a.db')
  const open = async (): Promise<Driver> => {
    const faults = faultPolicy<TransactionStep>()
    return { room: await engineRoom(file, faults), faults }
  }
  const drivers = [await open(), await open()]
  let runs = 0

  const revive = async (driver: Driver): Promise<void> => {
    driver.room.connection.close()
    driver.room = await engineRoom(file, driver.faults)
  }

  const play = async (id: string, { names, fault, driver: index, dies }: Turn): Promise<void> => {
    const driver = drivers[index] as Driver
    const { room, faults } = driver
    if (fault === 'full once') faults.failNext('commit', 1, () => sqliteFault('SQLITE_FULL'))
    if (fault === 'full twice') faults.failNext('commit', 2, () => sqliteFault('SQLITE_FULL'))
    if (fault === 'commit lost') faults.failNext('commit', 1, () => sqliteFault('SQLITE_IOERR_FSYNC'))
    room.control.askToYield(fault === 'asked to yield')
    const works = names.map((name) => (items[name] as (id: string) => WriteWork)(id))
    try {
      await room.run(works, fault === 'slice over' ? 0 : undefined)
    } catch (thrown) {
      expect(thrown).toMatchObject({ code: 'SQLITE_IOERR_FSYNC' })
      await revive(driver)
    }
    faults.heal()
    if (dies) await revive(driver)
  }

  await fc.assert(
    fc.asyncProperty(turns, async (planned) => {
      const id = `job ${++runs}`
      const [first] = drivers as [Driver, Driver]
      first.room.control.askToYield(false)
      first.room.connection.script('delete from links; delete from notes')
      const start: WriteWork = {
        kind: 'job',
        order: { order: 'start', id, procedure: 'jobs.countWithoutHindrance', input: { upto } },
      }
      await first.room.run([start])
      for (const turn of planned) await play(id, turn)
      for (const { room } of drivers) room.control.askToYield(false)
      for (let turn = 0; turn <= upto; turn++)
        await play(id, { names: ['step'], fault: 'none', driver: (turn % 2) as 0 | 1, dies: false })

      const { room } = first
      const stored = room.column('select weight from notes where weight is not null order by id')
      expect(stored).toEqual(Array.from({ length: upto }, (_, n) => n + 1))
      expect(room.column(`select status || ' ' || steps from lockkeeper_jobs where id = '${id}'`)).toEqual([
        `done ${upto + 1}`,
      ])
    }),
    seeded('steps of a job', 120),
  )
  for (const { room } of drivers) room.connection.close()
})
