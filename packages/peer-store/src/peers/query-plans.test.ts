// What is asked of peers, domains and subscriptions goes through an index and sorts nothing: the peer list is read every 15 s,
// and whom to dial while connections are wanted (promise 7 keeps a slow read off others, not from being slow).
import { openDatabase } from '@lockkeeper/core'
import { temporaryFolder } from '@lockkeeper/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { domainQueries } from '../domains/queries.ts'
import { migrations } from '../schema/migrations.ts'
import { subscriptionQueries } from '../subscriptions/queries.ts'
import { peerQueries } from './queries.ts'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let db: Awaited<ReturnType<typeof openDatabase>>

beforeAll(async () => {
  folder = await temporaryFolder()
  db = await openDatabase({ file: folder.file('store.db'), migrations })
})

afterAll(async () => {
  await db.close()
  await folder[Symbol.asyncDispose]()
})

async function planOf(sql: string): Promise<string[]> {
  const names = [...sql.matchAll(/:([a-zA-Z]+)/g)].map(([, name]) => [name, 1] as const)
  const parameters = names.length > 0 ? Object.fromEntries(names) : Array.from(sql.matchAll(/\?/g), () => 1)
  const steps = await db.read<{ detail: string }>(`explain query plan ${sql}`, parameters)
  return steps.map(({ detail }) => detail)
}

/** A reader explains no changes: how the rows are found is asked of a query with the same condition. */
const setBackCondition = `select 1 from domains ${/where.*/s.exec(domainQueries.setBack)?.[0]}`

const addressesOfPeer = [1, 2].flatMap((number) => [
  `CORRELATED SCALAR SUBQUERY ${number}`,
  'SEARCH peer_addresses USING INDEX sqlite_autoindex_peer_addresses_1 (peer=? AND source=?)',
])

test.each<[string, string, string[]]>([
  [
    'a page of peers',
    peerQueries.list,
    ['SEARCH peers USING INDEX sqlite_autoindex_peers_1 (id>?)', ...addressesOfPeer],
  ],
  [
    'one peer',
    peerQueries.byId,
    ['SEARCH peers USING INDEX sqlite_autoindex_peers_1 (id=?)', ...addressesOfPeer],
  ],
  [
    'a page of the status of peers',
    peerQueries.statuses,
    ['SEARCH peers USING INDEX sqlite_autoindex_peers_1 (id>?)'],
  ],
  [
    'a page of the peers of one status',
    peerQueries.statusesOf,
    ['SEARCH peers USING INDEX peers_by_status (status=? AND id>?)'],
  ],
  [
    'a step of the clean-up',
    peerQueries.lastOfStep,
    [
      'CO-ROUTINE (subquery-1)',
      'SEARCH peers USING COVERING INDEX sqlite_autoindex_peers_1 (id>?)',
      'SEARCH (subquery-1)',
    ],
  ],
  [
    'domains of a clock that was ahead',
    setBackCondition,
    ['SEARCH domains USING COVERING INDEX domains_by_check (checked_at>?)'],
  ],
  ['a domain', domainQueries.byName, ['SEARCH domains USING INDEX sqlite_autoindex_domains_1 (name=?)']],
  [
    'a page of domains',
    domainQueries.list,
    ['SEARCH domains USING INDEX sqlite_autoindex_domains_1 (name>?)'],
  ],
  [
    'domains due for a check',
    domainQueries.due,
    ['SEARCH domains USING INDEX domains_by_check (checked_at<?)'],
  ],
  [
    'a page of subscriptions',
    subscriptionQueries.list,
    ['SEARCH subscriptions USING PRIMARY KEY ((account,path)>(?,?))'],
  ],
])('%s', async (_, sql, plan) => {
  expect(await planOf(sql)).toEqual(plan)
})

test('whom to dial is read in the order of its index, which has no connected peers in it', async () => {
  const plan = await planOf(peerQueries.toDial)
  expect(plan[0]).toBe('SCAN peers USING INDEX peers_to_dial')
  expect(plan.join('\n')).not.toMatch(/TEMP B-TREE|SCAN peer_addresses/)
})

test('what covers a document is looked up step by step of its path', async () => {
  const plan = await planOf(subscriptionQueries.covering)
  expect(plan.join('\n')).toMatch(/SEARCH subscriptions USING PRIMARY KEY \(account=\? AND path=\?\)/)
})

test.each([
  ['disconnect', peerQueries.disconnect],
  ['set back', peerQueries.setBack],
  ['set addresses back', peerQueries.setAddressesBack],
  ['forget', peerQueries.forget],
])('the clean-up looks at its hundred peers only: %s', async (_, sql) => {
  // A reader explains no changes: how the rows are found is asked of a query with the same condition.
  const [, table, condition] = /(?:update|delete from) (\w+).*?(where (?:id|peer) > .*)/s.exec(sql) ?? []
  const [first] = await planOf(`select 1 from ${table} ${condition}`)
  expect(first).toMatch(/^SEARCH \w+ USING (COVERING )?INDEX .*(id|peer)>\? AND (id|peer)<\?\)/)
})
