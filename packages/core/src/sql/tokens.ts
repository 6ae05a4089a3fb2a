const token =
  /[\s\uFEFF]+|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|'(?:[^']|'')*'?|"(?:[^"]|"")*"?|`[^`]*`?|\[[^\]]*\]?|[\w$\u0080-\uFEFE]+|[\s\S]/g
const blank = /^(?:[\s\uFEFF]|--|\/\*)/

/** The tokens of an SQL text as SQLite cuts it, without blanks and comments; quoted ones keep their quotes. */
export function* tokensOf(sql: string): Generator<string, void, void> {
  for (const text of piecesOf(sql)) if (!blank.test(text)) yield text
}

/** The same with blanks and comments: joined they are the text again. */
export function* piecesOf(sql: string): Generator<string, void, void> {
  for (const [text] of sql.matchAll(token)) yield text
}
