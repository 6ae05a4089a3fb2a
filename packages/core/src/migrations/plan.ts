import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { type AppliedMigration, checksumOf, type Migration } from './migration.ts'

/**
 * What is left to run, in order: sets as they are first named, ids rising within each.
 *
 * @throws LockkeeperError `history-newer` where the file has steps that this app does not know, `history-changed` where a
 * step that ran has another text now, `invalid-argument` where the list contradicts itself. Nothing has been touched then.
 */
export function planMigrations(
  wanted: readonly Migration[],
  applied: readonly AppliedMigration[],
): readonly Migration[] {
  const sets = bySet(wanted)
  assertKnown(applied, sets)
  const left: Migration[] = []
  for (const [set, migrations] of sets) {
    const done = new Map(applied.filter((step) => step.set === set).map((step) => [step.id, step]))
    const newest = Math.max(0, ...done.keys())
    for (const migration of migrations) {
      const step = done.get(migration.id)
      if (step === undefined && migration.id < newest) throw inserted(migration, newest)
      if (step === undefined) left.push(migration)
      else if (step.checksum !== checksumOf(migration)) throw changed(migration)
    }
  }
  return left
}

function bySet(wanted: readonly Migration[]): ReadonlyMap<string, readonly Migration[]> {
  const sets = new Map<string, Migration[]>()
  for (const migration of wanted) {
    const set = sets.get(migration.set) ?? []
    if (set.some((other) => other.id === migration.id)) {
      throw new LockkeeperError(
        `Two migrations are numbered ${nameOf(migration)}: give each an id of its own within its set`,
        { code: 'invalid-argument', stage: 'open' },
      )
    }
    set.push(migration)
    sets.set(migration.set, set)
  }
  for (const set of sets.values()) set.sort((a, b) => a.id - b.id)
  return sets
}

/** Sets the app doesn't name are another's business; unknown steps of a set it does name were made by a newer version. */
function assertKnown(
  applied: readonly AppliedMigration[],
  sets: ReadonlyMap<string, readonly Migration[]>,
): void {
  const unknown = applied.find(({ set, id }) => sets.get(set)?.some((known) => known.id === id) === false)
  if (unknown === undefined) return
  throw new LockkeeperError(
    `The file was written by a newer version: it has the migration ${nameOf(unknown)} (${unknown.name}), which this one does not know. Open it with the newer version`,
    { code: 'history-newer', stage: 'open' },
  )
}

function changed(migration: Migration): LockkeeperError {
  return new LockkeeperError(
    `The migration ${nameOf(migration)} (${migration.name}) has run with another text: restore that text, and put the change into a new migration`,
    { code: 'history-changed', stage: 'open' },
  )
}

function inserted(migration: Migration, newest: number): LockkeeperError {
  return new LockkeeperError(
    `The migration ${nameOf(migration)} (${migration.name}) comes before ${migration.set}/${newest}, which has run already: give it a higher id`,
    { code: 'history-changed', stage: 'open' },
  )
}

const nameOf = ({ set, id }: { readonly set: string; readonly id: number }): string => `${set}/${id}`
