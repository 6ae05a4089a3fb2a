import { SideProcess } from './side-process.ts'

/**
 * Runs a module in a process of its own until it has said that it has made what it was started for.
 * @throws the signal's reason, having ended the process.
 */
export async function makeInProcess(entry: URL, order: object, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  await using maker = new SideProcess(entry, order)
  const kill = (): void => void maker[Symbol.asyncDispose]()
  signal.addEventListener('abort', kill, { once: true })
  try {
    await maker.next()
    await maker.ended()
  } finally {
    signal.removeEventListener('abort', kill)
    signal.throwIfAborted()
  }
}
