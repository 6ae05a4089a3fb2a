import type { FromChild, ToChild } from '../child-messages.ts'

/**
 * In a child process that `childProcess` started: tells the parent that this point has been reached, and waits until the
 * parent lets it pass. Meanwhile the process lives on, so a point that is never passed is where it can be killed.
 *
 * @example
 * connection.exec('begin immediate')
 * await point('locked')
 * connection.exec('commit')
 */
export async function point(name: string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const onMessage = (message: ToChild): void => {
    if (message.lockkeeper === 'pass' && message.point === name) resolve()
  }
  process.on('message', onMessage)
  await send({ lockkeeper: 'reached', point: name })
  await promise
  // With the last listener the channel no longer keeps the process alive.
  process.off('message', onMessage)
}

/** Tells the parent something, as plain data; resolves when it is on its way. */
export function tell(value: unknown): Promise<void> {
  return send({ lockkeeper: 'told', value })
}

function send(message: FromChild): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  if (process.send === undefined) throw new Error('This program runs as a child process of a test only')
  process.send(message, undefined, undefined, (error) => (error === null ? resolve() : reject(error)))
  return promise
}
