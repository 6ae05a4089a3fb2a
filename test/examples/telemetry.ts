import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { openDatabase, type Report } from '@lockkeeper/core'
import { prometheusMetrics } from '@lockkeeper/metrics'

await using db = await openDatabase({
  file: 'watched.db',
  migrations: [
    { set: 'app', id: 1, name: 'notes', sql: 'create table notes (id text primary key, body text)' },
  ],
})

// For Prometheus: each scrape takes one report. On the loopback, as labels and their times are nobody else's business.
const { register } = prometheusMetrics(db)
const server = createServer(async (_request, response) => {
  response.setHeader('content-type', register.contentType).end(await register.metrics())
})
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
const { port } = server.address() as AddressInfo

await db.write('insert into notes values (?, ?)', ['n1', 'hi'], { label: 'notes.add' })
const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
console.log(text.split('\n').find((line) => line.startsWith('lockkeeper_writes_total'))) // lockkeeper_writes_total{database="watched.db",label="notes.add",lane="user",outcome="committed"} 1

// For a dashboard: a report now and then, and never a second one before the listener is through with the first.
const report = await new Promise<Report>((resolve) => {
  const stop = db.watchReport(
    (latest) => {
      stop()
      resolve(latest)
    },
    { everyMs: 500 },
  )
})
console.log(report.lanes.user.committed) // 1
server.close() // until here it kept the process alive: a watch does not
