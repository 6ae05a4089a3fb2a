/** A run that can't be started as asked; its message is one line for who asked. */
export class BenchRefusedError extends Error {
  override readonly name = 'BenchRefusedError'
}
