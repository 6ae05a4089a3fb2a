import type { ErrorWire } from '../errors/wire.ts'
import { buffersOf, type PackedRows } from '../wire/rows.ts'
import { RowsPacker } from '../wire/rows-packer.ts'
import type { ReadAnswer, RowShape } from './read-work.ts'

/** The answers to the reads of one message, from the first on. Rows of the same columns travel together. */
export interface AnswersMessage {
  readonly type: 'answers'
  /** The number of the message's first read. */
  readonly first: number
  /** Reads that have an answer; the others were not begun. */
  readonly answered: number
  /** Three numbers for each: its index in `rows` or -1, where its rows begin there, how many they are. */
  readonly places: Int32Array
  /** How long each ran, in milliseconds. */
  readonly times: Float64Array
  readonly rows: readonly PackedRows[]
  /** Outputs of procedures, and errors, by read. */
  readonly others: readonly (readonly [at: number, answer: OtherAnswer])[]
  /** Every SQLITE_BUSY met on the way, by code. */
  readonly busy: Readonly<Record<string, number>>
  /** Whether the last read that was answered left its transaction open: the connection is not used again. */
  readonly leaked?: boolean
}

export type OtherAnswer =
  | { readonly kind: 'output'; readonly output: unknown }
  | { readonly kind: 'error'; readonly error: ErrorWire }

/** The answers of one message while its reads run. */
export class ReadAnswers {
  readonly busy: Record<string, number> = {}
  readonly #first: number
  readonly #places: Int32Array
  readonly #times: Float64Array
  readonly #packers: RowsPacker[] = []
  readonly #others: (readonly [number, OtherAnswer])[] = []
  #answered = 0

  constructor(first: number, reads: number) {
    this.#first = first
    // In one buffer, which is handed over once.
    const buffer = new ArrayBuffer(
      reads * (Float64Array.BYTES_PER_ELEMENT + 3 * Int32Array.BYTES_PER_ELEMENT),
    )
    this.#times = new Float64Array(buffer, 0, reads)
    this.#places = new Int32Array(buffer, reads * Float64Array.BYTES_PER_ELEMENT, reads * 3)
  }

  addRows(shape: RowShape, rows: readonly unknown[]): void {
    const named = shape === 'objects' || shape === 'firstObject'
    const index = rows.length === 0 ? 0 : this.#packerFor(named, rows[0] as object)
    const packer = this.#packers[index]
    this.#place(index, packer?.count ?? 0, rows.length)
    if (packer === undefined) return
    if (named) packer.addObjects(rows as Record<string, unknown>[])
    else packer.addArrays(rows as unknown[][])
  }

  add(answer: OtherAnswer): void {
    this.#others.push([this.#answered, answer])
    this.#place(-1, 0, 0)
  }

  /** The last one that was answered ran for so long. */
  took(ms: number): void {
    this.#times[this.#answered - 1] = ms
  }

  #place(index: number, from: number, count: number): void {
    const at = this.#answered++ * 3
    this.#places[at] = index
    this.#places[at + 1] = from
    this.#places[at + 2] = count
  }

  #packerFor(named: boolean, row: object): number {
    if (named) {
      const names = Object.keys(row)
      const known = this.#packers.findIndex((packer) => packer.fits(names))
      return known >= 0 ? known : this.#packers.push(new RowsPacker(names)) - 1
    }
    const { length } = row as unknown[]
    const known = this.#packers.findIndex((packer) => packer.fitsWidth(length))
    return known >= 0 ? known : this.#packers.push(RowsPacker.ofWidth(length)) - 1
  }

  finish(): AnswersMessage {
    return {
      type: 'answers',
      first: this.#first,
      answered: this.#answered,
      places: this.#places,
      times: this.#times,
      rows: this.#packers.map((packer) => packer.finish()),
      others: this.#others,
      busy: this.busy,
    }
  }
}

/** What to hand over with the message. */
export function transfersOf({ places, rows }: AnswersMessage): ArrayBuffer[] {
  return [places.buffer as ArrayBuffer, ...rows.flatMap(buffersOf)]
}

/** How many rows a read's answer has. */
export const rowsAt = ({ places }: AnswersMessage, at: number): number => places[at * 3 + 2] as number

const noRows: PackedRows = { columns: [], count: 0, values: [], bytes: undefined }

/** One read's answer, as the app's thread takes it out of the message. */
export function answerAt(
  { places, rows }: AnswersMessage,
  others: ReadonlyMap<number, OtherAnswer>,
  at: number,
): ReadAnswer {
  const index = places[at * 3] as number
  if (index < 0) return others.get(at) as OtherAnswer
  const [from, count] = [places[at * 3 + 1] as number, places[at * 3 + 2] as number]
  return { kind: 'rows', rows: rows[index] ?? noRows, from, count }
}
