import { ledgerLabelsMax } from './limits.ts'

interface Label<Kind extends string, Row> {
  readonly name: string
  /** Numbers labels from 0: that of `other`. */
  readonly index: number
  readonly rows: Partial<Record<Kind, Row>>
}

/** One row for each label and kind that occurs. Bounded: past so many rows the rest have those of `other`. */
export class LabelRows<Kind extends string, Row> {
  readonly all: Row[] = []
  readonly #make: (label: string, kind: Kind, index: number) => Row
  readonly #other: Label<Kind, Row> = { name: 'other', index: 0, rows: {} }
  readonly #labels = new Map<string, Label<Kind, Row>>([['other', this.#other]])
  /** Those that are not of `other`. */
  #named = 0

  constructor(make: (label: string, kind: Kind, index: number) => Row) {
    this.#make = make
  }

  of(label: string | undefined, kind: Kind): Row {
    const name = label ?? 'unlabelled'
    return this.#labels.get(name)?.rows[kind] ?? this.#add(name, kind)
  }

  /** The names of all labels, by index. */
  get names(): string[] {
    return Array.from(this.#labels.values(), ({ name }) => name)
  }

  #add(name: string, kind: Kind): Row {
    const label = this.#labelFor(name)
    const known = label.rows[kind]
    if (known !== undefined) return known
    const row = this.#make(label.name, kind, label.index)
    if (label !== this.#other) this.#named++
    label.rows[kind] = row
    this.all.push(row)
    return row
  }

  #labelFor(name: string): Label<Kind, Row> {
    if (name === 'other' || this.#named >= ledgerLabelsMax) return this.#other
    const known = this.#labels.get(name)
    if (known !== undefined) return known
    const label: Label<Kind, Row> = { name, index: this.#labels.size, rows: {} }
    this.#labels.set(name, label)
    return label
  }
}
