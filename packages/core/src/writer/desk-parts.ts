import type { Clock } from '../clock.ts'
import type { SignalsState } from '../engine/signals.ts'
import type { Interrupter } from '../interrupts/interrupter.ts'
import type { Mailbox } from '../mailbox/mailbox.ts'
import type { BackupDesk } from '../maintenance/backup-desk.ts'
import type { Counters } from '../telemetry/counters.ts'
import type { FromWriterThread, WriterThreadData } from '../threads/messages.ts'
import type { FileClaim } from './claim.ts'
import type { WriterControl } from './control.ts'
import type { LogDesk } from './log-desk.ts'
import type { OutsideChange } from './outside-watch.ts'

/** What the app thread's side of the writer works with. */
export interface WriterDeskParts {
  readonly mailbox: Mailbox
  readonly control: WriterControl
  readonly clock: Clock
  readonly counters: Counters
  /** Takes hold of the file, for as long as a thread has it open. Throws `already-open`, `cannot-open`. */
  readonly claim: () => FileClaim
  readonly threadData: Omit<WriterThreadData, 'control' | 'opened' | 'renewLog'>
  /** How long another process may keep the lock before the writes that wait for it are given up. Default: see `limits.ts`. */
  readonly lockWaitMsMax?: number | undefined
  /** Cuts running writes off. Without one a write's deadline and abort count until it runs. */
  readonly interrupter?: Interrupter | undefined
  /** Its thread is ready, and says what the signals extension does for it. */
  readonly onSignals?: ((state: SignalsState) => void) | undefined
  /** Transactions were committed, having touched these tables; undefined: any may have been. */
  readonly onCommitted?: ((tables: readonly string[] | undefined) => void) | undefined
  /** Another process has committed. */
  readonly onChangedOutside?: ((change: OutsideChange) => void) | undefined
}

/** What the thread tells beside its answers: counted and passed on. */
export function noteNews(
  news: Extract<
    FromWriterThread,
    { readonly type: 'profile' | 'changed-outside' | 'log-finished' | 'backup' }
  >,
  { counters, onChangedOutside }: WriterDeskParts,
  { log, backups }: { readonly log: LogDesk; readonly backups: BackupDesk },
): void {
  switch (news.type) {
    case 'log-finished':
      counters.ledger?.writes.checkpointed(news.result.ms)
      log.onFinished(news.result)
      break
    case 'backup':
      backups.onNotice(news.id, news.notice)
      break
    case 'changed-outside':
      counters.outside.add(news.change)
      onChangedOutside?.(news.change)
      break
    case 'profile':
      counters.statements.add('writer', news.statements)
      counters.lockWaits = news.lockWaits
  }
}
