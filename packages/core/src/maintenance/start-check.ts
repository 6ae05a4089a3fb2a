import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { errorFromWire } from '../errors/wire.ts'
import type { CopyCheckThreadData } from '../threads/messages.ts'
import { startThread } from '../threads/start.ts'
import type { CopyCheck } from './check-copy.ts'

/** Checks a copy in a thread of its own, which lasts as long as the check. */
export function startCheck(data: CopyCheckThreadData): {
  readonly checked: Promise<CopyCheck>
  /** A statement in SQLite runs to its end all the same; `checked` waits for it. */
  readonly cancel: () => void
} {
  const { promise, resolve, reject } = Promise.withResolvers<CopyCheck>()
  let answer: (() => void) | undefined
  const thread = startThread('copy-check', data, {
    onMessage: (message) => {
      answer =
        message.type === 'checked' ? () => resolve(message.check) : () => reject(errorFromWire(message.error))
    },
    // Told once it has gone: until then it may have the file open.
    onExit: (cause) => (answer === undefined ? reject(lost(cause)) : answer()),
  })
  return { checked: promise, cancel: () => thread.terminate({ isBusy: true }) }
}

function lost(cause: LockkeeperError): LockkeeperError {
  return new LockkeeperError('The thread that checked the copy died: begin another backup', {
    code: 'thread-lost',
    stage: 'execute',
    retryable: true,
    cause,
  })
}
