import { clean, clip, columnsOf, type Page, padEnd, padStart } from './terminal.ts'

export interface Column<Row> {
  readonly title: string
  readonly of: (row: Row) => string
  /** Numbers stand at the right, so that their digits are below each other. */
  readonly right?: boolean
  /** Gives way where the table is wider than the page, down to so many columns. */
  readonly least?: number
}

const gap = 2
const indent = '  '

/** The rows in columns as wide as they need, below their titles; what gives way is clipped until the table fits. */
export function table<Row>(page: Page, columns: readonly Column<Row>[], rows: readonly Row[]): string[] {
  const texts = rows.map((row) => columns.map(({ of }) => clean(of(row))))
  const widths = columns.map(({ title }, at) =>
    Math.max(columnsOf(title), ...texts.map((cells) => columnsOf(cells[at] ?? ''))),
  )
  let excess = indent.length + widths.reduce((all, width) => all + width + gap, -gap) - page.width
  while (excess > 0) {
    const widest = widestThatGives(columns, widths)
    if (widest === undefined) break
    widths[widest] = (widths[widest] ?? 0) - 1
    excess--
  }
  const lineOf = (cells: readonly string[]): string =>
    clip(
      indent +
        columns
          .map(({ right }, at) => {
            const width = widths[at] ?? 0
            const cell = clip(cells[at] ?? '', width)
            return right === true ? padStart(cell, width) : padEnd(cell, width)
          })
          .join(' '.repeat(gap))
          .trimEnd(),
      page.width,
    )
  return [page.paint('dim', lineOf(columns.map(({ title }) => title))), ...texts.map(lineOf)]
}

function widestThatGives(columns: readonly Column<never>[], widths: readonly number[]): number | undefined {
  let widest: number | undefined
  columns.forEach(({ least }, at) => {
    const width = widths[at] ?? 0
    if (least !== undefined && width > least && (widest === undefined || width > (widths[widest] ?? 0)))
      widest = at
  })
  return widest
}
