import { parentPort, workerData } from 'node:worker_threads'
import { systemClock } from '../clock.ts'
import { betterSqlite3 } from '../engine/better-sqlite3.ts'
import { findSignals } from '../engine/signals.ts'
import { errorFromThrown } from '../errors/from-sqlite.ts'
import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { errorToWire } from '../errors/wire.ts'
import { JobRunner } from '../jobs/run-job.ts'
import { outsideLookMs } from '../limits.ts'
import { BackupRunner } from '../maintenance/run-backup.ts'
import { loadSetup } from '../procedures/connection-setup.ts'
import { kindsOf, loadProcedures } from '../procedures/load.ts'
import { Checkpoints, type LogSize } from '../wal/checkpoint.ts'
import { finishLog } from '../wal/finish.ts'
import { LogWatch } from '../wal/log-watch.ts'
import { buffersOf } from '../wire/rows.ts'
import type { BatchAnswers, ItemAnswer } from '../writer/batch.ts'
import { lockWaitMs } from '../writer/begin.ts'
import { BulkStore } from '../writer/bulk-store.ts'
import { CommitRecords } from '../writer/commit-record.ts'
import { WriterControl } from '../writer/control.ts'
import { SyncLevel } from '../writer/durability.ts'
import { saveLog } from '../writer/halt.ts'
import { IdempotencyKeys } from '../writer/idempotency.ts'
import { OpenFiles } from '../writer/open-files.ts'
import { openWriter } from '../writer/open-writer.ts'
import { OutsideWatch } from '../writer/outside-watch.ts'
import { renewLog } from '../writer/renew-log.ts'
import { BatchRunner } from '../writer/run-batch.ts'
import { loadFirst } from './loaded.ts'
import type { FromWriterThread, ToWriterThread, WriterThreadData } from './messages.ts'
import { ProfileReporter } from './profile-reporter.ts'

const port = parentPort
if (port === null) throw new Error('This module runs as a thread of Lockkeeper only')
loadFirst(port)
const data = workerData as WriterThreadData
const post = (message: FromWriterThread, transfer: ArrayBuffer[] = []): void =>
  port.postMessage(message, transfer)

try {
  const procedures = await loadProcedures(data.procedures)
  const setup = await loadSetup(data.connection)
  const files = new OpenFiles(data.file, data.opened)
  files.assertSameFile()
  const connection = openWriter(betterSqlite3, {
    file: data.file,
    migrations: data.migrations,
    durability: data.durability,
    checkpoints: data.checkpoints,
    setup,
    signals: await findSignals(data.signals),
    onMigration: ({ name }, done, total) => post({ type: 'migrating', name, done, total }),
  })
  if (data.renewLog) renewLog(connection)
  // The opening's own commit is synced, so that a writer that comes back after a fault has seen the disk take one.
  new SyncLevel(connection).set('power')
  const records = new CommitRecords(connection, data.session)
  files.confirm()
  const bulks = new BulkStore()
  connection.waitForLock(lockWaitMs(connection))
  const profile = new ProfileReporter(connection.signals, post)
  const control = new WriterControl(data.control)
  const jobs = new JobRunner(connection, procedures, control)
  const checkpoints = new Checkpoints(connection)
  const log = new LogWatch(checkpoints)
  const backups = new BackupRunner({
    connection,
    control,
    post: (id, notice) => post({ type: 'backup', id, notice }),
  })
  const runner = new BatchRunner({
    connection,
    procedures,
    jobs,
    bulks,
    keys: new IdempotencyKeys(connection),
    records,
    control,
    files,
  })
  const outside = new OutsideWatch({
    connection,
    clock: systemClock,
    onChange: (change) => post({ type: 'changed-outside', change }),
  })
  const looks = setInterval(() => outside.look(), outsideLookMs).unref()
  const leave = (): void => {
    clearInterval(looks)
    profile.stop()
    saveLog({ connection, records, files })
    connection.close()
    port.close()
  }
  port.on('message', (message: ToWriterThread) => {
    switch (message.type) {
      case 'batch': {
        const answers = runner.run(message.batch)
        answer(answers, answers.halted === undefined ? log.afterBatch() : undefined)
        if (answers.halted !== undefined) {
          leave()
          break
        }
        outside.afterBatch()
        backups.noteWork(message.batch.id)
        profile.note()
        break
      }
      case 'rows':
        bulks.add(message.bulk, message.chunk)
        break
      case 'forget':
        bulks.forget(message.bulk)
        break
      case 'finish-log':
        connection.waitForLock(0)
        post({ type: 'log-finished', result: finishLog(checkpoints, control, message.order) })
        connection.waitForLock(lockWaitMs(connection))
        break
      case 'backup':
        void backups.start(message.id, message.file)
        break
      case 'backup.cancel':
        backups.cancel()
        break
      case 'leave':
        leave()
    }
  })
  post({
    type: 'ready',
    signals: connection.signalsState,
    sqlite: connection.version,
    last: records.last(),
    procedures: kindsOf(procedures),
    unfinishedJobs: jobs.unfinished(),
  })
} catch (thrown) {
  post({ type: 'refused', error: errorToWire(errorFromThrown(thrown, { stage: 'open' })) })
  port.close()
}

function answer(answers: BatchAnswers, log: LogSize | undefined): void {
  try {
    post({ type: 'answers', answers, log }, transfersOf(answers))
  } catch {
    // One output that can't be cloned must not cost its neighbours their answers.
    post({ type: 'answers', answers: { ...answers, others: answers.others.map(clonable) }, log })
  }
}

function transfersOf({ numbers, others }: BatchAnswers): ArrayBuffer[] {
  const transfers = [numbers.buffer as ArrayBuffer]
  for (const [, other] of others) {
    if (other.kind === 'rows') transfers.push(...buffersOf(other.rows))
    else if (other.kind === 'atomic') {
      for (const { rows } of other.results) if (rows !== undefined) transfers.push(...buffersOf(rows))
    }
  }
  return transfers
}

function clonable(entry: readonly [number, ItemAnswer]): readonly [number, ItemAnswer] {
  try {
    structuredClone(entry[1])
    return entry
  } catch (cause) {
    const error = new LockkeeperError(
      'The procedure’s writes are committed, but its result cannot be sent to the app’s thread: return plain values, arrays, objects and bytes',
      { code: 'result-lost', stage: 'answer', outcome: 'committed', cause },
    )
    return [entry[0], { kind: 'error', error: errorToWire(error) }]
  }
}
