/** Interrupts SQLite connections of other threads of this process. */
export interface Interrupter {
  /**
   * Ends the statements that run on a connection; where none runs, nothing happens. It never throws, and never touches a
   * connection that has been closed.
   *
   * @param connection the id that its thread told when it was ready.
   * @returns whether that connection is open.
   */
  interrupt(connection: number): boolean
}
