import { subscribe } from 'node:diagnostics_channel'
import { openDatabase, type ReadMessage, type WriteMessage } from '@lockkeeper/core'
import { context, type Span, SpanKind, SpanStatusCode } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'

// As in any app; an exporter that sends spans somewhere stands here in yours.
const exporter = new InMemorySpanExporter()
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
const tracer = provider.getTracer('lockkeeper')

// Published inside the call: the span that is active there becomes the parent. The end comes with the same object.
const spans = new WeakMap<object, Span>()
const begin = (operation: string, { label, sql, startedAtMs }: WriteMessage | ReadMessage): Span =>
  tracer.startSpan(`${operation} ${label}`, {
    kind: SpanKind.CLIENT,
    startTime: startedAtMs,
    attributes: { 'db.system.name': 'sqlite', 'db.query.text': sql, 'lockkeeper.label': label },
  })
const end = (message: WriteMessage | ReadMessage, attributes: Record<string, unknown>): void => {
  const span = spans.get(message)
  for (const [name, value] of Object.entries(attributes))
    if (typeof value === 'number' || typeof value === 'string')
      span?.setAttribute(`lockkeeper.${name}`, value)
  if (message.errorCode !== undefined)
    span?.setStatus({ code: SpanStatusCode.ERROR, message: message.errorCode })
  span?.end(message.endedAtMs)
}
subscribe('lockkeeper:write:start', (message) => {
  spans.set(message as WriteMessage, begin('write', message as WriteMessage))
})
subscribe('lockkeeper:write', (message) => {
  const { lane, outcome, queueWaitMs, beginWaitMs, holdMs, rows, batch } = message as WriteMessage
  end(message as WriteMessage, { lane, outcome, queueWaitMs, beginWaitMs, holdMs, rows, batch })
})
subscribe('lockkeeper:read:start', (message) => {
  spans.set(message as ReadMessage, begin('read', message as ReadMessage))
})
subscribe('lockkeeper:read', (message) => {
  const { class: readClass, outcome, waitMs, runMs, rows } = message as ReadMessage
  end(message as ReadMessage, { class: readClass, outcome, waitMs, runMs, rows })
})

await using db = await openDatabase({
  file: 'traced.db',
  migrations: [
    { set: 'app', id: 1, name: 'notes', sql: 'create table notes (id text primary key, body text)' },
  ],
})

await tracer.startActiveSpan('POST /notes', async (request) => {
  await db.write('insert into notes values (?, ?)', ['n1', 'hi'], { label: 'notes.add' })
  await db.readValue('select count(*) from notes', [], { label: 'notes.count' })
  await db.write('insert into notes values (?, ?)', ['n1', 'again'], { label: 'notes.add' }).outcome()
  request.end()
})

const finished = exporter.getFinishedSpans()
const parent = finished.find(({ name }) => name === 'POST /notes')?.spanContext()
const children = finished.filter(({ parentSpanContext }) => parentSpanContext?.spanId === parent?.spanId)
console.log(children.map(({ name }) => name).join(', ')) // write notes.add, read notes.count, write notes.add
const [write, read, failed] = children
console.log(write?.attributes['lockkeeper.lane'], write?.attributes['lockkeeper.outcome']) // user committed
console.log(typeof write?.attributes['lockkeeper.queueWaitMs'], typeof write?.attributes['lockkeeper.holdMs']) // number number
console.log(read?.attributes['lockkeeper.rows'], read?.attributes['db.query.text']) // 1 select count(*) from notes
console.log(failed?.status.code === SpanStatusCode.ERROR, failed?.status.message) // true sqlite-constraint-primarykey
