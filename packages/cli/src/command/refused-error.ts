/** Bad input, or a world that does not allow what was asked for. Shown as one line, with exit code 2. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError'

  /** @param message kept to one line whatever it quotes: paths and a server's answers may hold control characters. */
  constructor(message: string, options?: ErrorOptions) {
    super(message.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').slice(0, 1_000), options)
  }
}
