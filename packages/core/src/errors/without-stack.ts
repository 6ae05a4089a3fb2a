/**
 * Makes an error that has no stack. Some come in thousands, when a lane is full or a deadline passes, and their stack would
 * show a timer or a queue: without one they cost a tenth.
 */
export function withoutStack<Failure extends Error>(make: () => Failure): Failure {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  const error = make()
  Error.stackTraceLimit = stackTraceLimit
  return error
}
