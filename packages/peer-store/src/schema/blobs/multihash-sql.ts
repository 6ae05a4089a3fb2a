const alphabet = 'abcdefghijklmnopqrstuvwxyz234567'

/** Some characters of base32 as one number, in SQL. */
function digits(text: string, from: number, count: number): string {
  const terms = Array.from({ length: count }, (_, index) => {
    const shift = 5 * (count - 1 - index)
    return `((instr('${alphabet}', substr(${text}, ${from + index}, 1)) - 1) << ${shift})`
  })
  return `(${terms.join(' | ')})`
}

/**
 * The multihash of a CID's text, as an SQL expression: base32 of 36 bytes, eight characters to five bytes, of which the first
 * two are version and codec. SQLite has no base32, and a migration has no functions of ours.
 */
export function multihashSql(text: string): string {
  const groups = Array.from({ length: 7 }, (_, group) => `printf('%010x', ${digits(text, 2 + group * 8, 8)})`)
  const last = `printf('%02x', ${digits(text, 58, 2)} >> 2)`
  return `unhex(substr(${[...groups, last].join(' || ')}, 5))`
}
