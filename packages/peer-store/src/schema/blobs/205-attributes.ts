import type { Migration } from '@lockkeeper/core'

export const attributesByValue: Migration = {
  set: 'blobs',
  id: 205,
  name: 'documents by attribute',
  sql: `
    -- Documents that say something of themselves, in pages by their resource, which the primary key adds to the index.
    create index attributes_by_value on attributes (key, value);
  `,
}
