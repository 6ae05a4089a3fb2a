import { coalescerLimits } from './limits.ts'

export interface Bounds {
  readonly itemsHeldMax: number
  readonly bytesHeldMax: number
}

export interface Load {
  readonly items: number
  readonly bytes: number
}

/** Whether one more value fits. One that is too large for any room gets in when nothing else is there. */
export function hasRoom(
  { items, bytes, grows, isNew }: Load & { readonly grows: number; readonly isNew: boolean },
  { itemsHeldMax, bytesHeldMax }: Bounds,
): boolean {
  if (items === 0) return true
  if (isNew && items >= itemsHeldMax) return false
  return grows <= 0 || bytes + grows <= bytesHeldMax
}

/** Whether so much is held that a flush should not wait for company, or there will soon be no room. */
export function isPressed({ items, bytes }: Load, { itemsHeldMax, bytesHeldMax }: Bounds): boolean {
  const share = coalescerLimits.pressureShare
  return items >= share * itemsHeldMax || bytes >= share * bytesHeldMax
}
