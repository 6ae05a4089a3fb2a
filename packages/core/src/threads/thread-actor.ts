import { type EventObject, fromCallback } from 'xstate'
import { errorFromThrown } from '../errors/from-sqlite.ts'
import type { LockkeeperError } from '../errors/lockkeeper-error.ts'
import type { ThreadKinds } from './messages.ts'
import { startThread, type Thread } from './start.ts'

/** What a thread's owner does with it. Messages that carry work never become events of a machine. */
export interface ThreadOwner<Kind extends keyof ThreadKinds> {
  /** Whether the thread may be inside a statement. */
  readonly isBusy: boolean
  /** What a thread is started with, which is about to happen. Throws where the file can't be had. */
  data(): ThreadKinds[Kind]['data']
  /** The thread has been started, or, told undefined, has gone. */
  connect(thread: Thread<Kind> | undefined): void
  /** Deals with a message; the coarse event it comes to, if any, goes to the machine. */
  onMessage(message: ThreadKinds[Kind]['from']): EventObject | undefined
  /** Hands out a way to raise coarse events of the owner's own. */
  onSend?(send: ((event: EventObject) => void) | undefined): void
}

export interface ThreadRefused extends EventObject {
  readonly type: 'thread.refused'
  readonly error: LockkeeperError
}

/** What came from the thread could not be dealt with: an error in Lockkeeper. */
export interface ThreadFailed extends EventObject {
  readonly type: 'thread.failed'
  readonly error: LockkeeperError
}

export interface ThreadLost extends EventObject {
  readonly type: 'thread.lost'
  readonly cause: LockkeeperError
}

/**
 * A thread as a child actor. It lives until its thread has really gone, which it tells by `thread.lost`; stopping the actor
 * terminates a thread that still runs.
 */
export function threadLogic<Kind extends keyof ThreadKinds>(kind: Kind) {
  return fromCallback<EventObject, { readonly owner: ThreadOwner<Kind> }>(({ input, sendBack }) => {
    const { owner } = input
    let gone = false
    let data: ThreadKinds[Kind]['data']
    try {
      data = owner.data()
    } catch (thrown) {
      const error = errorFromThrown(thrown, { stage: 'open' })
      sendBack({ type: 'thread.refused', error } satisfies ThreadRefused)
      sendBack({ type: 'thread.lost', cause: error } satisfies ThreadLost)
      return
    }
    const thread = startThread(kind, data, {
      onMessage: (message) => {
        // A broken invariant stops the actor; thrown from here it would end the app's process instead.
        try {
          const event = owner.onMessage(message)
          if (event !== undefined) sendBack(event)
        } catch (thrown) {
          sendBack({
            type: 'thread.failed',
            error: errorFromThrown(thrown, { stage: 'answer' }),
          } satisfies ThreadFailed)
        }
      },
      onExit: (cause) => {
        gone = true
        owner.connect(undefined)
        owner.onSend?.(undefined)
        sendBack({ type: 'thread.lost', cause } satisfies ThreadLost)
      },
    })
    owner.connect(thread)
    owner.onSend?.(sendBack)
    return () => {
      if (!gone) thread.terminate({ isBusy: owner.isBusy })
    }
  })
}
