import { reportShape } from './report-shape.ts'
import type { Shape } from './shape.ts'

/**
 * The JSON Schema (draft 2020-12) of a report as `JSON.stringify` writes it, made from what `assertReport` checks. The same is in
 * `docs/report-v1.schema.json`, for tools that read reports elsewhere.
 */
export function reportJsonSchema(): Readonly<Record<string, unknown>> {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Lockkeeper report, version 1',
    ...schemaOf(reportShape),
  }
}

/** Fields beyond these may be there: they are added without a new version. */
function schemaOf(shape: Shape): Record<string, unknown> {
  switch (shape.is) {
    case 'number':
    case 'string':
    case 'boolean':
      return { type: shape.is }
    case 'one-of':
      return shape.values.length === 1 ? { const: shape.values[0] } : { enum: [...shape.values] }
    case 'optional':
      return schemaOf(shape.of)
    case 'list':
      return { type: 'array', items: schemaOf(shape.of) }
    case 'by-name':
      return { type: 'object', additionalProperties: schemaOf(shape.of) }
    case 'fields': {
      const entries = Object.entries(shape.fields)
      return {
        type: 'object',
        properties: Object.fromEntries(entries.map(([name, of]) => [name, schemaOf(of)])),
        required: entries.filter(([, of]) => of.is !== 'optional').map(([name]) => name),
      }
    }
  }
}
