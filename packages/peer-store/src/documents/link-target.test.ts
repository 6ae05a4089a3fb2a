import { describe, expect, test } from 'vitest'
import { cidOf, codecs } from '../records/cid.ts'
import { linkTarget, linkTargets } from './link-target.ts'

const cid = cidOf(new Uint8Array([1]), codecs.dagCbor)

describe('a link leads', () => {
  test.each([
    ['beside the document', 'next.md', '/guides/next.md'],
    ['below it', './deep/er.md', '/guides/deep/er.md'],
    ['above it', '../README.md', '/README.md'],
    ['from the root', '/README.md', '/README.md'],
    ['to a part of another', 'next.md#part', '/guides/next.md'],
    ['through an encoded name', 'a%20b.md', '/guides/a b.md'],
    ['through percent signs that encode nothing', '100%.md', '/guides/100%.md'],
    ['by odd but legal ways', './/x/.././next.md', '/guides/next.md'],
    ['to a CID', cid, cid],
    ['to a CID by its scheme', `ipfs://${cid}`, cid],
    ['to a CID by its gateway path', `/ipfs/${cid}#part`, cid],
  ])('%s: %s', (_, link, target) => {
    expect(linkTarget('guides/start.md', link)).toBe(target)
  })

  test.each([
    ['to the web', 'https://example.org/next.md'],
    ['to the web by the page’s scheme', '//example.org/next.md'],
    ['to somebody’s letter box', 'mailto:a@example.org'],
    ['to a part of itself', '#part'],
    ['nowhere', ''],
    ['above the root', '../../next.md'],
    ['to the root itself', '/'],
  ])('elsewhere: %s: %s', (_, link) => {
    expect(linkTarget('guides/start.md', link)).toBe(undefined)
  })
})

test('a document’s targets are each named once, and its own place is none of them', () => {
  const links = ['b.md', './b.md#x', 'a.md', 'https://example.org', cid]
  expect(linkTargets('guides/a.md', links)).toEqual(['/guides/b.md', cid])
})
