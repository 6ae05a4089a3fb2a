import { tokensOf } from '../sql/tokens.ts'

/** What begins a statement that begins or ends a transaction. */
const transactionWords = new Set(['begin', 'commit', 'end', 'rollback', 'savepoint', 'release'])

/**
 * The first statement of a script that begins or ends a transaction, by its keyword. A migration must have none: what such
 * a statement has committed cannot be taken back when the rest fails.
 *
 * Inside a trigger’s body, `END` closes the body; it is told as SQLite’s own shell tells it
 * (https://www.sqlite.org/c3ref/complete.html).
 */
export function transactionWordIn(script: string): string | undefined {
  /** What the next token can be: the start of a statement, the word after CREATE, something inside one, or inside a trigger. */
  let state: 'start' | 'create' | 'inside' | 'trigger' | 'trigger;' | 'trigger; end' = 'start'
  for (const text of tokensOf(script)) {
    const word = text.toLowerCase()
    if (state === 'start') {
      if (transactionWords.has(word)) return word
      if (word === 'create') state = 'create'
      else if (word !== ';') state = 'inside'
    } else if (state === 'create') {
      if (word === 'trigger') state = 'trigger'
      else if (word !== 'temp' && word !== 'temporary') state = word === ';' ? 'start' : 'inside'
    } else if (state === 'inside') {
      if (word === ';') state = 'start'
    } else if (word === ';') state = state === 'trigger; end' ? 'start' : 'trigger;'
    else state = state === 'trigger;' && word === 'end' ? 'trigger; end' : 'trigger'
  }
  return undefined
}
