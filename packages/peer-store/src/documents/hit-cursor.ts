/** Where a hit is among all: the smaller the score the better the match; of equal ones the older record comes first. */
export interface HitPosition {
  readonly score: number
  readonly id: number
}

/** A hit's place as text. JavaScript writes every number so that it reads back as the same one. */
export function hitCursor({ score, id }: HitPosition): string {
  return `${score} ${id}`
}

/** A cursor's parts. One that was never given out is after everything, so that no page comes twice. */
export function readHitCursor(after: string | undefined): HitPosition {
  if (after === undefined) return { score: Number.NEGATIVE_INFINITY, id: 0 }
  const [score, id] = after.split(' ').map(Number)
  if (score === undefined || id === undefined || Number.isNaN(score) || Number.isNaN(id))
    return { score: Number.POSITIVE_INFINITY, id: 0 }
  return { score, id }
}
