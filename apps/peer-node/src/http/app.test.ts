import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { multiaddr } from '@multiformats/multiaddr'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { PeerNode } from '../node/peer-node.ts'
import { startNode } from '../node/start-node.ts'

const picture = new Uint8Array(700_000).map((_, at) => (at * 7) % 251)

let folder: string
let node: PeerNode
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockkeeper-http-'))
  const files = join(folder, 'files')
  await mkdir(join(files, 'guides'), { recursive: true })
  await writeFile(join(files, 'README.md'), '# Top\n\nSee [the start](guides/start.md).')
  await writeFile(
    join(files, 'guides/start.md'),
    '# Start <b>here</b>\n\nOpen the sluice. <script>alert(1)</script>\n',
  )
  await writeFile(join(files, 'notes.txt'), 'plain & simple: https://one.example/a')
  await writeFile(join(files, 'guides/picture.bin'), picture)
  node = await startNode(
    {
      data: join(folder, 'data'),
      imports: [files],
      listen: multiaddr('/ip4/127.0.0.1/tcp/0'),
      peers: [],
      httpPort: 0,
    },
    pino({ enabled: false }),
  )
  // Documents are indexed a little after they are stored.
  const isReady = async (): Promise<boolean> => {
    const { import: imported, documents } = await node.status()
    return imported.state === 'done' && documents === imported.documents
  }
  await vi.waitUntil(isReady, { timeout: 20_000, interval: 10 })
})
afterAll(async () => {
  await node.stop()
  await rm(folder, { recursive: true, force: true })
})

async function get<Answer>(path: string): Promise<Answer> {
  const response = await fetch(node.url + path)
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toMatch('application/json')
  return response.json() as Promise<Answer>
}

async function page(path: string): Promise<string> {
  const response = await fetch(node.url + path)
  expect(response.headers.get('content-type')).toMatch('text/html')
  expect(response.headers.get('content-security-policy')).toMatch("default-src 'none'")
  return response.text()
}

interface Listed {
  readonly documents: { readonly path: string; readonly cid: string }[]
  readonly next: string | null
}

test('status says who the node is, what it holds and what it does', async () => {
  expect(await get('/api/status')).toMatchObject({
    peerId: node.peerId,
    multiaddrs: node.multiaddrs,
    documents: 3,
    peersConnected: 0,
    sync: { missing: 0, received: 0, refused: 0, peers: [] },
    import: { state: 'done', done: 4, total: 4, documents: 3, media: 1, skipped: 0 },
    busyErrors: 0,
    actors: { database: expect.any(String), writer: expect.any(String) },
  })
})

test('the store’s report is there for the doctor', async () => {
  expect(await get('/api/report')).toMatchObject({
    version: 1,
    file: join(folder, 'data/node.db'),
    lanes: { sync: { committed: expect.any(Number) } },
  })
})

test('lists come in pages that join without a gap', async () => {
  const paths: string[] = []
  for (let next: string | null = ''; next !== null; ) {
    const listed: Listed = await get(`/api/documents?limit=1&after=${encodeURIComponent(next)}`)
    paths.push(...listed.documents.map(({ path }) => path))
    next = listed.next
  }
  expect(paths).toEqual(['README.md', 'guides/start.md', 'notes.txt'])
  const { cids } = await get<{ cids: string[] }>('/api/blobs?limit=500')
  const { cids: firstTwo, next } = await get<{ cids: string[]; next: string }>('/api/blobs?limit=2')
  const { cids: rest } = await get<{ cids: string[] }>(`/api/blobs?after=${next}`)
  expect([...firstTwo, ...rest]).toEqual(cids)
})

test('a document is found by path, by CID and by its words', async () => {
  const byPath = await get<{ cid: string; title: string; backlinks: { path: string }[] }>(
    '/api/document?path=guides/start.md',
  )
  expect(byPath.title).toBe('Start here')
  expect(byPath.backlinks.map(({ path }) => path)).toEqual(['README.md'])
  expect(await get(`/api/document?cid=${byPath.cid}`)).toEqual(byPath)
  const { hits } = await get<{ hits: { cid: string; snippet: string }[] }>('/api/search?q=sluice')
  expect(hits).toMatchObject([{ cid: byPath.cid, snippet: expect.stringContaining('\u0002sluice\u0003') }])
})

test.each([
  ['/api/document?path=none', 404],
  ['/api/document', 400],
  ['/api/documents?limit=none', 400],
  ['/api/nothing', 404],
  ['/blob/bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy', 404],
  ['/blob/nothing', 400],
  ['/document?path=none', 404],
  ['/nothing', 404],
])('%s answers %d', async (path, status) => {
  expect((await fetch(node.url + path)).status).toBe(status)
})

test('a blob comes as it is named, to be kept for ever and never to be run', async () => {
  const { cids } = await get<{ cids: string[] }>('/api/blobs?limit=500')
  for (const cid of cids.filter((name) => name.startsWith('bafkrei'))) {
    const response = await fetch(`${node.url}/blob/${cid}`)
    expect(response.headers.get('content-type')).toBe('application/octet-stream')
    expect(response.headers.get('content-disposition')).toBe('attachment')
    const etag = response.headers.get('etag') ?? ''
    expect((await response.arrayBuffer()).byteLength).toBeGreaterThan(0)
    expect((await fetch(`${node.url}/blob/${cid}`, { headers: { 'if-none-match': etag } })).status).toBe(304)
  }
})

test('a file comes together again from its chunks, by the manifest of its import', async () => {
  const { import: imported } = await node.status()
  const response = await fetch(`${node.url}/file/${imported.manifests[0]}/guides/picture.bin`)
  const bytes = new Uint8Array(await response.arrayBuffer())
  const hash = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex')
  expect(hash(bytes)).toBe(hash(picture))
  expect((await fetch(`${node.url}/file/${imported.manifests[0]}/guides/none.bin`)).status).toBe(404)
})

test('pages show documents, and nothing in them runs', async () => {
  expect(await page('/')).toMatch(/Start here[\s\S]*plain|README/)
  const start = await page('/document?path=guides/start.md')
  expect(start).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
  expect(start).not.toMatch(/<script/i)
  expect(start).toMatch(/Linked from[\s\S]*README\.md/)
  expect(await page('/document?path=README.md')).toMatch(
    /<a href="\/document\?cid=bafyrei\w+">the start<\/a>/,
  )
  expect(await page('/document?path=notes.txt')).toContain('plain &amp; simple')
  expect(await page('/search?q=sluice')).toContain('<mark>sluice</mark>')
  expect(await page(`/search?q=${encodeURIComponent('"><script>alert(1)</script>')}`)).not.toMatch(/<script/i)
  expect(await page('/status')).toContain(node.peerId)
})

function statusFor(headers: Record<string, string>, method = 'GET'): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const outgoing = request(`${node.url}/api/status`, { headers, method }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
    outgoing.on('error', reject).end()
  })
}

test('only a browser that asks for this machine by name is answered', async () => {
  const { port } = new URL(node.url)
  expect(await statusFor({ host: `127.0.0.1:${port}` })).toBe(200)
  expect(await statusFor({ host: `LOCALHOST:${port}` })).toBe(200)
  expect(await statusFor({ host: `evil.example:${port}` })).toBe(421)
  expect(await statusFor({ host: '127.0.0.1' })).toBe(421)
  expect(await statusFor({ host: `127.0.0.1:${port}` }, 'POST')).toBe(405)
})
