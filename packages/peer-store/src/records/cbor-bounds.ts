export interface CborBounds {
  /** Containers inside containers. */
  readonly nestingMax: number
  /** Elements of one list, or entries of one map. */
  readonly elementsMax: number
  /** Items in all, containers included: two megabytes hold two million, each an object of the decoder's. */
  readonly itemsMax: number
}

const wordSize = 2 ** 32

/**
 * Whether bytes are one CBOR item within bounds, told from its heads alone (RFC 8949, section 3). The decoder recurses and
 * makes an object per element, so what a peer sends is looked at before it is decoded: nothing here grows with the input.
 */
export function isCborWithin(bytes: Uint8Array, bounds: CborBounds): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  /** What each open container still lacks. */
  const lacking = [1]
  let [offset, items] = [0, 0]
  while (lacking.length > 0) {
    const head = readHead(view, offset)
    items += 1
    if (head === undefined || items > bounds.itemsMax) return false
    offset = head.end
    lacking[lacking.length - 1] = (lacking.at(-1) ?? 0) - 1
    if (head.major === 2 || head.major === 3) offset += head.argument
    else if (head.major === 4 || head.major === 5) {
      if (head.argument > bounds.elementsMax) return false
      lacking.push(head.major === 4 ? head.argument : 2 * head.argument)
    } else if (head.major === 6) lacking.push(1)
    if (offset > bytes.byteLength || lacking.length - 1 > bounds.nestingMax) return false
    while (lacking.at(-1) === 0) lacking.pop()
  }
  return offset === bytes.byteLength
}

interface Head {
  readonly major: number
  readonly argument: number
  readonly end: number
}

/** @returns undefined for a head that is cut off, or of indefinite length, which dag-cbor does not know. */
function readHead(view: DataView, offset: number): Head | undefined {
  if (offset >= view.byteLength) return undefined
  const first = view.getUint8(offset)
  const major = first >> 5
  const info = first & 31
  if (info < 24) return { major, argument: info, end: offset + 1 }
  const width = { 24: 1, 25: 2, 26: 4, 27: 8 }[info]
  if (width === undefined || offset + 1 + width > view.byteLength) return undefined
  return { major, argument: readArgument(view, offset + 1, width), end: offset + 1 + width }
}

function readArgument(view: DataView, offset: number, width: number): number {
  if (width === 1) return view.getUint8(offset)
  if (width === 2) return view.getUint16(offset)
  if (width === 4) return view.getUint32(offset)
  return view.getUint32(offset) * wordSize + view.getUint32(offset + 4)
}
