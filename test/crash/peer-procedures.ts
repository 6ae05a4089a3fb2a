import { write } from '@lockkeeper/core/procedures'
import type { PeerNote } from '@lockkeeper/peer-store'
import { upsertMany as whole } from '../../packages/peer-store/src/peers/procedures.ts'

/** The store's own procedure, in a process that may die inside it: `in flight` is after its writes and before COMMIT. */
export const upsertMany = write((tx, notes: PeerNote[]): number => {
  const rows = whole.body(tx, notes)
  const isLast = notes.some(({ sighting }) => sighting?.at === Number(process.env.CRASH_AT))
  if (isLast && process.env.CRASH_POINT === 'in flight') process.kill(process.pid, 'SIGKILL')
  return rows
})
