/** A point that one side waits at and the other opens, once and for good. */
export interface Gate<Value = void> {
  /** Resolves when the gate has been opened. */
  readonly opened: Promise<Value>
  readonly isOpen: boolean
  open(value: Value): void
}

/**
 * A closed gate. Opening it twice does nothing more.
 *
 * @example
 * const arrived = gate()
 * db.on('write-failed', () => arrived.open())
 * await arrived.opened
 */
export function gate<Value = void>(): Gate<Value> {
  const { promise, resolve } = Promise.withResolvers<Value>()
  let isOpen = false
  return {
    opened: promise,
    get isOpen() {
      return isOpen
    },
    open: (value) => {
      isOpen = true
      resolve(value)
    },
  }
}
