import type { PeerRow } from '@lockkeeper/peer-store'
import { expect, test } from 'vitest'
import { choosePeers } from './peer-list.ts'

function peer(id: string, seenAt: number, change: Partial<PeerRow> = {}): PeerRow {
  return {
    id,
    addresses: ['/ip4/127.0.0.1/tcp/1'],
    status: 'disconnected',
    seenAt,
    refusedBlobs: 0,
    ...change,
  }
}

test('dials peers that answered last time before those that did not, the latest first', () => {
  const rows = [peer('old', 1), peer('failed', 9, { status: 'failed' }), peer('new', 5), peer('mid', 3)]
  expect(choosePeers(rows, new Set(), 10).map(({ id }) => id)).toEqual(['new', 'mid', 'old', 'failed'])
  expect(choosePeers(rows, new Set(['new']), 2).map(({ id }) => id)).toEqual(['mid', 'old'])
  expect(choosePeers(rows, new Set(), -1)).toEqual([])
})

test('leaves out peers that have no address', () => {
  expect(choosePeers([peer('nowhere', 1, { addresses: [] })], new Set(), 1)).toEqual([])
})
