import { setTimeout as pause } from 'node:timers/promises'
import { lockHeldMs } from '../../limits.ts'
import { SideProcess } from '../../processes/side-process.ts'
import { spreadOf } from '../../statistics/statistics.ts'
import { assertStored, countTexts } from '../../subjects/schema.ts'
import type { Trial } from '../../trials/trial.ts'
import { makeTables, openWaiting, readOnce, type Waiting } from './waiting.ts'

/** What the waiter's process is started with. */
export interface WaiterOrder {
  readonly folder: string
  readonly waiting: Waiting
}

/** What one wait took the waiter. */
export interface Waited {
  readonly cpuMs: number
  readonly waitedMs: number
}

/** Which of a trial's two processes have the extension. */
export interface Sides {
  readonly holder: Waiting
  readonly waiter: Waiting
}

/** What it costs a process to wait a second for a lock that this process holds. */
export function cpu({ holder, waiter }: Sides): Trial {
  return async ({ folder, pace }) => {
    await makeTables(folder)
    const database = await openWaiting(folder, holder)
    const order: WaiterOrder = { folder, waiting: waiter }
    await using other = new SideProcess(new URL('./waiter-process.ts', import.meta.url), order)
    await other.next()
    const waits: Waited[] = []
    // The first wait compiles and maps what the others find there.
    for (let wait = 0; wait <= pace.lockWaits; wait++) {
      database.exec('begin immediate')
      other.send({ wait: true })
      await pause(wait === 0 ? lockHeldMs / 10 : lockHeldMs)
      database.exec('commit')
      const waited = (await other.next()) as Waited
      if (wait > 0) waits.push(waited)
    }
    other.send({ wait: false })
    await other.ended()
    database.close()
    assertStored(await readOnce(folder, countTexts), pace.lockWaits + 1)
    const perSecond = waits.map(({ cpuMs, waitedMs }) => (cpuMs / waitedMs) * 1_000)
    return {
      cpu: { value: spreadOf(perSecond).median, unit: 'ms' },
      waited: { value: spreadOf(waits.map(({ waitedMs }) => waitedMs)).median, unit: 'ms' },
    }
  }
}
