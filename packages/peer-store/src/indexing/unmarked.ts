/** Snippets mark their matches with U+0002 and U+0003, so texts must not bring their own. */
export function unmarked(text: string): string {
  return text.replaceAll('\u0002', ' ').replaceAll('\u0003', ' ')
}
