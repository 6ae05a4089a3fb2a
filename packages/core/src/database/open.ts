import { type Actor, createActor, type InspectionEvent } from 'xstate'
import { backgroundClock, systemClock } from '../clock.ts'
import { SignalsInterrupter, warnOfSignals } from '../engine/signals-interrupter.ts'
import { errorFromThrown } from '../errors/from-sqlite.ts'
import { openInThread } from '../in-thread/open-in-thread.ts'
import { InThreadReader } from '../in-thread/reader.ts'
import type { ProcedureModules } from '../procedures/reference.ts'
import { ReadDesk } from '../readers/desk.ts'
import { Leases } from '../readers/leases.ts'
import { Counters } from '../telemetry/counters.ts'
import { GovernorDesk } from '../wal/governor-desk.ts'
import { assembleWriter, createMailbox, urlsOf } from '../writer/assemble.ts'
import { claimFile, type FileClaim } from '../writer/claim.ts'
import { EventHub } from './event-hub.ts'
import type { DatabaseEvents } from './events.ts'
import { DatabaseHandle, type HandleParts } from './handle.ts'
import { databaseMachine } from './machine.ts'
import { type OpenOptions, type ResolvedOptions, resolveOptions } from './options.ts'
import { Telemetry } from './telemetry.ts'
import type { Database } from './types.ts'

/**
 * Opens a database: starts the writer, brings the schema up to date, starts the readers. A file that this app must not
 * touch (no SQLite database, a newer history) is left as it is, to the byte.
 *
 * @example
 * await using db = await openDatabase({
 *   file: 'node.db',
 *   migrations: [{ set: 'app', id: 1, name: 'notes', sql: 'create table notes (id text primary key, body text) strict' }],
 * })
 * await db.write('insert into notes values (?, ?)', ['n1', 'hi'])
 *
 * @throws LockkeeperError with stage `open`: `invalid-argument`, `unsupported-location`, `already-open`, `cannot-open`,
 * `not-a-database`, `history-newer`, `history-changed`, `migration-failed`, `procedures-not-loaded`, `setup-not-loaded`,
 * `sqlite-too-old`.
 */
export async function openDatabase<const Modules extends ProcedureModules = Record<never, never>>(
  options: OpenOptions<Modules>,
): Promise<Database<Modules>> {
  const resolved = resolveOptions(options)
  const claim = claimFile(resolved.file)
  const parts = assemble(resolved, claim)
  try {
    await untilReady(parts.actor)
    if (resolved.inThreadReader !== undefined)
      parts.inThread.start(await openInThread({ ...resolved, claim }))
    warnOfSignals(parts.writerDesk.signals)
    return new DatabaseHandle<Modules>(parts)
  } catch (thrown) {
    await parts.shutDown(0)
    throw errorFromThrown(thrown, { stage: 'open' })
  }
}

function assemble(options: ResolvedOptions, claim: FileClaim): HandleParts {
  const { file, connection } = options
  const telemetry = options.telemetry && new Telemetry(options.telemetry, file)
  const counters = new Counters(telemetry?.ledger)
  const events = new EventHub<DatabaseEvents>()
  const interrupter = new SignalsInterrupter()
  const mailbox = createMailbox(options.lanes)
  const writer = assembleWriter(
    { ...options, ...options.wal, mailbox },
    {
      claim,
      counters,
      interrupter,
      onUnheard: (error) => events.emit('write-failed', error),
      onCommitted: (tables) => events.emit('committed', { tables }),
      onChangedOutside: (change) => events.emit('changed-outside', change),
    },
  )
  const { desk: writerDesk, admission } = writer
  const readDesk = new ReadDesk({
    readers: options.readers,
    counters,
    claim,
    interrupter,
    onSignals: (state) => interrupter.use(state),
    onRetired: (retired) => events.emit('reader-retired', retired),
    threadData: {
      file,
      procedures: urlsOf(options.procedures),
      connection: connection?.href,
      signals: options.signals,
    },
  })
  telemetry?.explainOn(readDesk)
  const governor =
    options.wal.checkpoints === 'governor'
      ? new GovernorDesk({
          clock: backgroundClock,
          gapClock: systemClock,
          bounds: options.wal,
          restraint: mailbox.restraint,
          log: writerDesk.log,
          leases: new Leases(readDesk, backgroundClock),
          claim,
          threadData: { file },
          isWriterIdle: () => !writerDesk.isBusy,
          onCheckpoint: (by, run) => telemetry?.checkpointed(by, run),
          onPinned: (pinned) => events.emit('wal-pinned', pinned),
        })
      : undefined
  const inThread = new InThreadReader({
    warnAfterMs: options.inThreadReader?.warnAfterMs,
    counters,
    onSlow: (read) => events.emit('in-thread-read-slow', read),
  })
  const actor = createActor(databaseMachine, {
    systemId: 'database',
    input: { writer, readDesk, governor },
    ...(options.inspect === undefined ? {} : { inspect: harmless(options.inspect) }),
  })
  listen(actor, counters, events)
  if (options.onMigration !== undefined) actor.on('migrating', options.onMigration)
  actor.subscribe({
    // A broken invariant has stopped the actors: nobody may be left waiting for them.
    error: (thrown) => {
      const error = errorFromThrown(thrown, { stage: 'execute' })
      writerDesk.abandon(error)
      readDesk.refuse(error)
      governor?.stop()
    },
  })
  actor.start()
  const shutDown = async (deadlineMs: number): Promise<void> => {
    telemetry?.stop()
    await inThread.stop()
    await untilClosed(actor, deadlineMs)
    actor.stop()
    claim.release()
  }
  return {
    file,
    actor,
    admission,
    mailbox,
    writerDesk,
    readDesk,
    governor,
    inThread,
    counters,
    telemetry,
    events,
    interrupter,
    shutDown,
  }
}

function listen(
  actor: Actor<typeof databaseMachine>,
  counters: Counters,
  events: EventHub<DatabaseEvents>,
): void {
  actor.on('thread-restarted', ({ thread, cause }) => {
    if (thread === 'writer') counters.restarts.writer++
    else counters.restarts.readers++
    events.emit('thread-restarted', { thread, cause })
  })
  actor.on('readers-stopped', ({ error }) => events.emit('readers-stopped', error))
  actor.on('actor-failed', ({ systemId, cause }) => events.emit('actor-failed', { systemId, cause }))
  actor.on('writer-stopped', ({ error }) => events.emit('writer-stopped', error))
  actor.on('degraded', ({ error }) => events.emit('degraded', error))
  actor.on('recovered', ({ from }) => events.emit('recovered', { from }))
}

function untilReady(actor: Actor<typeof databaseMachine>): Promise<void> {
  return new Promise((resolve, reject) => {
    const subscription = actor.subscribe({
      next: (snapshot) => {
        if (snapshot.matches('ready') || snapshot.matches('degraded')) resolve()
        else if (snapshot.matches('failed')) reject(snapshot.context.error)
        else return
        subscription.unsubscribe()
      },
      error: reject,
    })
  })
}

function untilClosed(actor: Actor<typeof databaseMachine>, deadlineMs: number): Promise<void> {
  return new Promise((resolve) => {
    if (actor.getSnapshot().status !== 'active') return resolve()
    actor.subscribe({ complete: resolve, error: () => resolve() })
    actor.send({ type: 'close', deadlineMs })
  })
}

/** An observer that throws must not stop what it observes. */
function harmless(inspect: (event: InspectionEvent) => void): (event: InspectionEvent) => void {
  return (event) => {
    try {
      inspect(event)
    } catch (thrown) {
      process.emitWarning(thrown instanceof Error ? thrown : String(thrown))
    }
  }
}
