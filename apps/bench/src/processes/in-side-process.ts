// The other side of SideProcess: what a module says and hears that runs as one.
import { once } from 'node:events'

const orphaned = (): void => process.exit(1)

/** Ends this process when the one that started it dies. A process that waits for a lock then looks up only after its wait. */
export function endWithParent(): void {
  process.once('disconnect', orphaned)
}

/** What this process was started with; the caller knows what it is. */
export function orderOf(): unknown {
  return JSON.parse(process.argv[2] ?? '{}')
}

/** What the parent says next. Nothing else must have come before, so ask for it first and then say that you are ready. */
export async function heard(): Promise<unknown> {
  const [message] = await once(process, 'message')
  return message
}

export function say(message: object | string): void {
  process.send?.(message, (error: Error | null) => {
    if (error !== null) orphaned()
  })
}

/**
 * The last word, after which the process ends as soon as nothing else keeps it.
 * @param exitCode ends it at once, threads and timers or not.
 */
export function sayLast(message: object | string, exitCode?: number): void {
  process.send?.(message, (error: Error | null) => {
    if (error !== null) orphaned()
    if (exitCode !== undefined) process.exit(exitCode)
    process.off('disconnect', orphaned)
    if (process.connected) process.disconnect()
  })
}
