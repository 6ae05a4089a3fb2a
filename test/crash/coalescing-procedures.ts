import { write } from '@lockkeeper/core/procedures'

export interface Sighting {
  readonly peer: string
  readonly at: number
}

/** Where a run of the process dies: in the middle of a flush, with half of its rows written and nothing committed. */
const crashPoint = process.env.CRASH_POINT ?? ''

export const upsertMany = write((tx, sightings: readonly Sighting[]) => {
  for (const [index, { peer, at }] of sightings.entries()) {
    if (crashPoint === 'in flight' && at > 1 && index === Math.floor(sightings.length / 2))
      process.kill(process.pid, 'SIGKILL')
    tx.run('insert into sightings values (?, ?) on conflict (peer) do update set at = excluded.at', [
      peer,
      at,
    ])
  }
  return sightings.length
})
