import { resolve } from 'node:path'
import { nanoid } from 'nanoid'
import { type Clock, systemClock } from '../clock.ts'
import { SignalsInterrupter } from '../engine/signals-interrupter.ts'
import type { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { type LaneLimits, laneDefaults } from '../limits.ts'
import { Admission } from '../mailbox/admission.ts'
import { type LaneName, laneNames } from '../mailbox/lane-name.ts'
import { Mailbox } from '../mailbox/mailbox.ts'
import type { Migration } from '../migrations/migration.ts'
import type { ProcedureModules } from '../procedures/reference.ts'
import { Counters } from '../telemetry/counters.ts'
import type { Checkpoints } from '../wal/options.ts'
import { claimFile, type FileClaim } from './claim.ts'
import { WriterControl } from './control.ts'
import { WriterDesk } from './desk.ts'
import type { Durability } from './durability.ts'
import type { OutsideChange } from './outside-watch.ts'

/** The app thread's side of a writer: what its machine drives, and the door through which writes come in. */
export interface WriterParts {
  readonly desk: WriterDesk
  readonly admission: Admission
}

/** What a writer needs to be assembled. */
export interface WriterOptions {
  /** Path of the database file. */
  readonly file: string
  /** Where writes wait; made by {@link createMailbox}. */
  readonly mailbox: Mailbox
  readonly migrations?: readonly Migration[] | undefined
  readonly procedures?: ProcedureModules | undefined
  /** Module whose `setup` is run on the connection. */
  readonly connection?: URL | undefined
  readonly durability?: Durability | undefined
  /** Who copies the write-ahead log into the file. Default `automatic`: the governor is an actor of its own. */
  readonly checkpoints?: Checkpoints | undefined
  /** How long another process may keep the write lock before the writes that wait for it are given up. */
  readonly lockWaitMsMax?: number | undefined
  /** Whether to use the signals extension where it is installed and built. Default true. */
  readonly signals?: boolean | undefined
}

/** What the database shares with its writer. */
export interface WriterSurroundings {
  readonly claim?: FileClaim | undefined
  readonly counters?: Counters | undefined
  readonly clock?: Clock | undefined
  readonly onUnheard?: ((error: LockkeeperError) => void) | undefined
  readonly interrupter?: SignalsInterrupter | undefined
  readonly onCommitted?: ((tables: readonly string[] | undefined) => void) | undefined
  readonly onChangedOutside?: ((change: OutsideChange) => void) | undefined
}

/**
 * The lanes of a writer, empty.
 *
 * @example
 * spawn(writerMachine, { systemId: 'writer', input: { file: 'node.db', mailbox: createMailbox() } })
 */
export function createMailbox(
  lanes: Partial<Readonly<Record<LaneName, Partial<LaneLimits>>>> = {},
  clock: Clock = systemClock,
): Mailbox {
  const limits = Object.fromEntries(
    laneNames.map((name) => [name, { ...laneDefaults[name], ...lanes[name] }]),
  ) as Record<LaneName, LaneLimits>
  return new Mailbox({ clock, lanes: limits })
}

export function assembleWriter(options: WriterOptions, surroundings: WriterSurroundings = {}): WriterParts {
  // A path that is not absolute would lead elsewhere if a thread is replaced after the process has changed its folder.
  const file = resolve(options.file)
  const {
    mailbox,
    migrations = [],
    procedures = {},
    connection,
    durability = 'process',
    checkpoints = 'automatic',
    signals = true,
  } = options
  const { counters = new Counters(), clock = systemClock, onCommitted, onChangedOutside } = surroundings
  const { interrupter = new SignalsInterrupter() } = surroundings
  if (counters.ledger !== undefined) mailbox.account(counters.ledger.writes)
  const desk = new WriterDesk({
    mailbox,
    clock,
    counters,
    claim: () => hold(surroundings.claim, file),
    control: new WriterControl(),
    interrupter,
    onSignals: (state) => interrupter.use(state),
    lockWaitMsMax: options.lockWaitMsMax,
    onCommitted,
    onChangedOutside,
    threadData: {
      file,
      session: nanoid(),
      migrations,
      procedures: urlsOf(procedures),
      connection: connection?.href,
      durability,
      checkpoints,
      signals,
    },
  })
  const admission = new Admission({
    bulks: desk.bulks,
    mailbox,
    clock,
    durability,
    onUnheard: (error) => {
      counters.writeFailuresUnheard++
      surroundings.onUnheard?.(error)
    },
    onDropped: (error, lane) => counters.countDropped(error.label, lane, error.code),
  })
  return { desk, admission }
}

/** The database's claim, shared, or one of the writer's own. */
function hold(shared: FileClaim | undefined, file: string): FileClaim {
  shared?.retain()
  return shared ?? claimFile(file)
}

/** Where each module lies, by name: what a thread needs of them. */
export function urlsOf(modules: ProcedureModules): Record<string, string> {
  return Object.fromEntries(Object.entries(modules).map(([name, { url }]) => [name, url]))
}
