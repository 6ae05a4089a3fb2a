// Promises 7, 9 and 15, whatever happens in whatever order: reads, snapshots and streams that begin and end, aborts, deadlines,
// answers whole and in part, threads that die. No read is settled twice or lost, nor ended for another's sake; none sees a
// snapshot that is not its own; no reader is lent twice; and in the end all of them are free. The threads are played.
import { seeded } from '@lockkeeper/testkit'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { PlayedReader } from '../../fixtures/played-reader.ts'
import { PlayedReaders } from '../../fixtures/played-readers.ts'
import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import type { PendingRead } from './pending-read.ts'
import type { ReadClass } from './read-class.ts'
import type { SnapshotLease } from './snapshot-lease.ts'
import type { StreamLease } from './stream-lease.ts'

/** Whose turn it is, among so many as there are. */
const which = fc.nat({ max: 11 })
const deadlineMs = fc.option(fc.integer({ min: 0, max: 80 }), { nil: undefined, freq: 3 })
const to = fc.constantFrom<ReadClass>('interactive', 'interactive', 'background')

/** One kind of step, with what it needs. */
const kind = <Do extends string, Fields extends object>(
  names: readonly [Do, ...Do[]],
  fields: { [Key in keyof Fields]: fc.Arbitrary<Fields[Key]> },
): fc.Arbitrary<{ do: Do } & Fields> =>
  fc
    .tuple(fc.constantFrom(...names), fc.record(fields))
    .map(([name, rest]) => ({ do: name, ...(rest as Fields) }))

const reads = fc.integer({ min: 1, max: 4 })
const impatient = fc.boolean()
const longestMs = fc.integer({ min: 1, max: 400 })

const step = fc.oneof(
  { weight: 5, arbitrary: kind(['read'], { to, deadlineMs, impatient, reads }) },
  { weight: 3, arbitrary: kind(['snapshot'], { to, deadlineMs, ageMsMax: longestMs }) },
  { weight: 8, arbitrary: kind(['read in snapshot'], { which, deadlineMs, impatient, reads }) },
  { weight: 2, arbitrary: kind(['stream'], { to, deadlineMs, idleMsMax: longestMs }) },
  { weight: 2, arbitrary: kind(['end snapshot', 'next chunk', 'stop stream'], { which }) },
  /** Threads, a little at a time; or all that one can do at once. */
  { weight: 9, arbitrary: kind(['begin', 'finish', 'deliver'], { which }) },
  { weight: 6, arbitrary: kind(['finish some'], { which, reads }) },
  { weight: 6, arbitrary: kind(['reply'], { which, done: fc.boolean(), fails: fc.nat({ max: 5 }) }) },
  { weight: 12, arbitrary: kind(['go on'], { which }) },
  { weight: 1, arbitrary: kind(['die', 'restart'], { which }) },
  { weight: 2, arbitrary: kind(['abort'], { which }) },
  { weight: 6, arbitrary: kind(['turn'], {}) },
  { weight: 2, arbitrary: kind(['wait'], { ms: fc.constantFrom(1, 2, 5, 60) }) },
)
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

/** A run of the desk, and what is known of every read. */
class Run {
  readonly #played: PlayedReaders
  readonly #reads: { label: string; read: PendingRead; mayEnd: boolean }[] = []
  readonly #impatient: AbortController[] = []
  readonly #snapshots: SnapshotLease[] = []
  readonly #streams: StreamLease<unknown>[] = []
  readonly #strays: string[] = []

  constructor(signals: boolean) {
    const readers = { interactive: 2, background: 1 }
    const interrupt = (connection: number): boolean => {
      const reading = this.#played.threads[connection - 1]?.reading
      const hit = this.#reads.find(({ label }) => label === reading)
      if (hit !== undefined && !hit.read.settled) this.#strays.push(`${reading} was interrupted`)
      return true
    }
    this.#played = new PlayedReaders(signals ? { readers, interrupter: { interrupt } } : { readers })
  }

  async take(step: Step): Promise<void> {
    const played = this.#played
    switch (step.do) {
      case 'read':
        for (let n = 0; n < step.reads; n++)
          played.desk.submit(this.#read(`read ${this.#reads.length}`, step), step.to)
        break
      case 'snapshot':
        this.#snapshots.push(played.snapshot({ ...step, signal: this.#signal() }, step.to))
        break
      case 'read in snapshot': {
        const at = step.which % Math.max(1, this.#snapshots.length)
        const lease = this.#snapshots[at]
        for (let n = 0; n < step.reads; n++)
          lease?.submit(this.#read(`snapshot ${at}/${this.#reads.length}`, step))
        break
      }
      case 'stream':
        this.#streams.push(played.stream({ ...step, signal: this.#signal() }, step.to))
        break
      case 'end snapshot':
        pick(this.#snapshots, step.which)?.end()
        break
      case 'next chunk':
        void pick(this.#streams, step.which)
          ?.next()
          .catch(() => {})
        break
      case 'stop stream':
        pick(this.#streams, step.which)?.stop()
        break
      case 'abort':
        pick(this.#impatient, step.which)?.abort()
        break
      case 'turn':
        await played.turn()
        break
      case 'wait':
        played.clock.advance(step.ms)
        break
      default:
        this.#play(step, played.threads[step.which % played.threads.length] as PlayedReader)
    }
  }

  /** Whatever a thread can do of it. */
  #play(step: Extract<Step, { which: number }>, thread: PlayedReader): void {
    if (step.do === 'restart') {
      if (!thread.isAlive && !thread.seat.isRetired) thread.connect()
      return
    }
    if (!thread.isAlive) return
    if (step.do === 'die') thread.die()
    else if (step.do === 'deliver') thread.deliver()
    else if (step.do === 'go on') goOn(thread)
    else if (step.do === 'reply') {
      if (thread.canReply) thread.say({ done: step.done, ...(step.fails === 0 && { error: failure() }) })
    } else if (!thread.canRead) return
    else if (step.do === 'begin') thread.begin()
    else if (step.do === 'finish') thread.finish()
    else if (step.do === 'finish some') thread.finish(step.reads)
  }

  /** Scopes end and threads go on, until nothing is left to do. */
  async drain(): Promise<void> {
    const { threads, desk, turn } = this.#played
    for (const snapshot of this.#snapshots) snapshot.end()
    for (const stream of this.#streams) stream.stop()
    for (let round = 0; round < 500; round++) {
      await turn()
      const busy = threads.filter((thread) => !thread.isIdle || (!thread.isAlive && !thread.seat.isRetired))
      if (busy.length === 0 && desk.waiting === 0) break
      for (const thread of busy) {
        if (!thread.isAlive) thread.connect()
        else if (thread.outbox.length > 0) thread.deliver()
        else if (thread.canRead) thread.finish()
        else thread.say({ done: true })
      }
    }
    for (const thread of threads) if (thread.seat.isRetired && thread.isAlive) thread.die()
    this.#played.clock.advance(1_000)
    await turn()
  }

  check(): void {
    const { desk, answered, failed, failures, counters, clock, threads } = this.#played
    const settled = this.#reads.length
    expect(this.#reads.filter(({ read }) => !read.settled).map(({ label }) => label)).toEqual([])
    expect([answered.length + failed.length, counters.reads]).toEqual([
      settled,
      { answered: answered.length, failed: failed.length },
    ])
    // The ledger has each once, and so each snapshot and stream.
    const { reads } = this.#played.ledger.report({ planOf: () => undefined, eventLoop: nothing })
    const sum = (of: (row: (typeof reads)[number]) => number) => reads.reduce((all, row) => all + of(row), 0)
    const scopes = this.#snapshots.length + this.#streams.length
    expect(sum((row) => row.answered + row.failed)).toBe(settled + scopes)
    expect(sum((row) => row.wait.count)).toBe(settled + scopes)
    expect(new Set([...answered, ...failed.map(({ of }) => of)]).size).toBe(settled)
    // Nobody's read ends for the sake of another's abort or deadline.
    const patient = new Set(this.#reads.filter(({ mayEnd }) => !mayEnd).map(({ label }) => label))
    const wrong = failed.filter(({ of, code }) => patient.has(of) && code !== 'thread-lost')
    expect(wrong.map(({ of, code }) => `${of}: ${code}`)).toEqual([])
    expect(failures.call(this.#played)).toHaveLength(failed.length)
    expect(this.#strays).toEqual([])
    expect([...this.#snapshots, ...this.#streams].map(({ isOver }) => isOver)).not.toContain(false)
    expect(desk.seats.map(({ name, isFree }) => [name, isFree])).toEqual(
      desk.seats.map(({ name }) => [name, true]),
    )
    expect([desk.waiting, desk.retired.length, clock.timers]).toEqual([0, 0, 0])
    expect(threads.filter(({ isAlive, held }) => isAlive && held)).toEqual([])
  }

  #read(label: string, of: { deadlineMs: number | undefined; impatient: boolean }): PendingRead {
    const { deadlineMs, impatient } = of
    const signal = impatient ? this.#signal() : undefined
    const read = this.#played.read(label, { deadlineMs, signal })
    this.#reads.push({ label, read, mayEnd: deadlineMs !== undefined || impatient || label.includes('/') })
    return read
  }

  #signal(): AbortSignal {
    const controller = new AbortController()
    this.#impatient.push(controller)
    return controller.signal
  }
}

const nothing = { count: 0, totalMs: 0, p50Ms: 0, p90Ms: 0, p99Ms: 0, maxMs: 0 }

const pick = <Item>(items: readonly Item[], which: number): Item | undefined =>
  items[which % Math.max(1, items.length)]

function goOn(thread: PlayedReader): void {
  if (thread.outbox.length === 0 && thread.canRead) thread.finish()
  else if (thread.outbox.length === 0 && thread.canReply) thread.say()
  thread.deliver()
}

const failure = (): LockkeeperError => new LockkeeperError('no', { code: 'sqlite-protocol', stage: 'read' })

it.each([true, false])(
  'random interleavings leave nothing unsettled and every reader free; with signals: %s',
  async (signals) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 40, maxLength: 200, size: 'max' }), async (steps) => {
        const run = new Run(signals)
        for (const step of steps) await run.take(step)
        await run.drain()
        run.check()
      }),
      seeded(`read desk ${signals ? 'with' : 'without'} signals`, 400),
    )
  },
)
