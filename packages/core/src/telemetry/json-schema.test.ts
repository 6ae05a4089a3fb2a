// What is documented is what is checked: a field that is added shows here until the docs have it.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { reportJsonSchema } from './json-schema.ts'
import { reportShape } from './report-shape.ts'
import type { Shape } from './shape.ts'
import { findingsPerKindMax, order } from './verdict/thresholds.ts'

const docs = (name: string): string =>
  readFileSync(new URL(`../../../../docs/${name}`, import.meta.url), 'utf8')

function fieldsOf(shape: Shape): string[] {
  if (shape.is === 'fields')
    return Object.entries(shape.fields).flatMap(([name, of]) => [name, ...fieldsOf(of)])
  return 'of' in shape ? fieldsOf(shape.of) : []
}

describe('docs/report-v1.schema.json', () => {
  it('is the schema of what assertReport checks; the docs say how to write it again', () => {
    expect(JSON.parse(docs('report-v1.schema.json'))).toEqual(reportJsonSchema())
  })
})

describe('docs/report-schema.md', () => {
  it('explains each field', () => {
    const fields = new Set(fieldsOf(reportShape))
    expect(fields.size).toBeGreaterThan(80)
    const text = docs('report-schema.md')
    expect([...fields].filter((name) => !text.includes(`\`${name}\``))).toEqual([])
  })
})

describe('docs/verdict.md', () => {
  it('has a section for each kind, and says how many of a kind are told', () => {
    const sections = [...docs('verdict.md').matchAll(/^## `([a-z-]+)`/gm)].map(([, kind]) => kind)
    expect(sections.toSorted()).toEqual([...order].sort())
    expect(docs('verdict.md')).toContain(`at most ${findingsPerKindMax} of a kind`)
  })
})
