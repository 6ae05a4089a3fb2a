/**
 * A start that cannot be: bad input, or a world that does not allow it. Shown as one line, with exit code 2; nothing that
 * was there before has been changed.
 */
export class StartRefusedError extends Error {
  override readonly name = 'StartRefusedError'

  /** @param message kept to one line whatever it quotes: paths may hold line breaks and a terminal's control characters. */
  constructor(message: string) {
    super(message.replace(/\p{Cc}+/gu, ' '))
  }
}
