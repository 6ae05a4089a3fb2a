/**
 * Calls back once those who got answers have had their turn, since most of them write again: the microtask comes after theirs, and
 * the tick after all that they set off.
 */
export function afterTheirTurn(callback: () => void): void {
  queueMicrotask(() => process.nextTick(callback))
}
