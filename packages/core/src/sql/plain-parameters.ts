import { piecesOf } from './tokens.ts'

/**
 * The same statement with a plain `?` for each of its parameters, and how many they are: `?1`, `:a`, `@a`, `$a` and mixtures of them
 * would each have to be bound in a way of its own, and a plan asks for no values.
 */
export function withPlainParameters(sql: string): { readonly sql: string; readonly count: number } {
  const pieces = [...piecesOf(sql)]
  const kept: string[] = []
  let count = 0
  for (let at = 0; at < pieces.length; at++) {
    const piece = pieces[at] ?? ''
    const next = pieces[at + 1] ?? ''
    const isNamed = (piece === ':' || piece === '@' || piece === '#') && isWord(next)
    if (piece === '?' || isNamed || piece.startsWith('$')) {
      if (isNamed || (piece === '?' && /^\d+$/.test(next))) at++
      kept.push('?')
      count++
    } else kept.push(piece)
  }
  return { sql: kept.join(''), count }
}

const isWord = (piece: string): boolean => /^[\w$\u0080-\uFEFE]/.test(piece)
