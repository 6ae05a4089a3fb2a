/**
 * The beginning of a text, in memory of its own: V8 keeps the whole of a text alive as long as a slice of it, so that what is said to
 * be cut would hold all of it still.
 */
export function cut(text: string, characters: number): string {
  if (text.length <= characters) return text
  return Buffer.from(text.slice(0, characters), 'utf16le').toString('utf16le')
}
