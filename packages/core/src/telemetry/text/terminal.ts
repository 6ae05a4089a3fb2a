/** What text needs so that a terminal shows it in columns, and nothing in it steers the terminal. */

export interface TextOptions {
  /** Columns that a line may take, at least 40; 100 by default. */
  readonly width?: number | undefined
  /** Whether to write ANSI colours; not by default. */
  readonly color?: boolean | undefined
}

export interface Page {
  readonly width: number
  readonly paint: (style: Style, text: string) => string
}

export type Style = 'bold' | 'dim' | 'red' | 'yellow' | 'cyan'

const codes: Readonly<Record<Style, number>> = { bold: 1, dim: 2, red: 31, yellow: 33, cyan: 36 }

export function pageOf({ width = 100, color = false }: TextOptions): Page {
  return {
    width: Number.isFinite(width) ? Math.max(40, Math.floor(width)) : 100,
    paint: (style, text) => (color && text !== '' ? `\u001B[${codes[style]}m${text}\u001B[0m` : text),
  }
}

/**
 * On one line and without control characters: labels and SQL can come from strangers, and a saved report from anywhere; an escape
 * sequence among them could move the cursor, or name the window.
 */
export function clean(text: string): string {
  return text
    .replaceAll(/\s+/gu, ' ')
    .replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '·')
    .trim()
}

const wide =
  /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Emoji_Presentation}\uFF01-\uFF60\u3000-\u303F]/u
const narrowest = /\p{Mn}|\p{Me}/u

/** Columns that a text takes: most writing takes one for each character, East Asian writing and emoji two, accents none. */
export function columnsOf(text: string): number {
  let columns = 0
  for (const character of text) columns += columnsOfOne(character)
  return columns
}

function columnsOfOne(character: string): number {
  if (character < '\u0300') return 1
  return narrowest.test(character) ? 0 : wide.test(character) ? 2 : 1
}

/** Its beginning, with an ellipsis where it is too long. */
export function clip(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text
  let taken = ''
  let left = columns - 1
  for (const character of text) {
    left -= columnsOfOne(character)
    if (left < 0) break
    taken += character
  }
  return columns > 0 ? `${taken}…` : ''
}

export function padEnd(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - columnsOf(text)))
}

export function padStart(text: string, columns: number): string {
  return ' '.repeat(Math.max(0, columns - columnsOf(text))) + text
}

export function heading({ width, paint }: Page, text: string): string {
  return paint('bold', clip(text, width))
}

/** Broken at blanks, but not between a number and its unit; a word that is longer than a line is clipped. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/ (?!(?:µs|ms|s|min|h|B|[KMG]iB)(?:[^\w]|$))/)) {
    const longer = line === '' ? word : `${line} ${word}`
    if (columnsOf(longer) <= columns) line = longer
    else {
      if (line !== '') lines.push(line)
      line = clip(word, columns)
    }
  }
  return [...lines, line]
}
