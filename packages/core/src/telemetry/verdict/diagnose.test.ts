// Recorded situations, and what a person who knows the matter would say of each: the culprit by name, those who suffer, nobody else.
import { describe, expect, it } from 'vitest'
import { busyAndWell, empty, tooFewSamples } from '../../../fixtures/situations/calm.ts'
import { connectStorm } from '../../../fixtures/situations/connect-storm.ts'
import * as reading from '../../../fixtures/situations/reading.ts'
import { badDay } from '../../../fixtures/situations/several.ts'
import * as writing from '../../../fixtures/situations/writing.ts'
import type { Report } from '../report.ts'
import { diagnose } from './diagnose.ts'
import type { Finding, FindingKind } from './finding.ts'

/** `high holder blobs.putMany`, most serious first. */
const told = (report: Report): string[] =>
  diagnose(report).map(({ severity, kind, subject }) => `${severity} ${kind} ${subject}`)

function found(report: Report, kind: FindingKind): Finding {
  const finding = diagnose(report).find((one) => one.kind === kind)
  if (finding === undefined) throw new Error(`no ${kind} among ${told(report).join(', ')}`)
  return finding
}

const said = (report: Report, kind: FindingKind): string => {
  const { headline, evidence, remedy } = found(report, kind)
  return [headline, ...evidence, remedy].join('\n')
}

describe('where nothing is wrong', () => {
  it('says nothing of a database that was just opened', () => {
    expect(told(empty)).toEqual([])
  })

  it('says nothing of a busy one, though lower lanes wait and bulk fills its lane', () => {
    expect(told(busyAndWell)).toEqual([])
  })

  it('says nothing by a dozen samples, however bad they look', () => {
    expect(told(tooFewSamples)).toEqual([])
  })

  it('says nothing where the ledger is turned off and no counter tells', () => {
    expect(told({ ...connectStorm, ledger: undefined })).toEqual([])
  })
})

describe('the connect storm', () => {
  it('has its authors’ conclusion: bulk blob storage holds, the connect path is victim and amplifier', () => {
    expect(told(connectStorm)).toEqual([
      'high holder blobs.putMany',
      'high amplifier peers.connect',
      'high victim peers.connect',
      'high victim peers.telemetry',
    ])
  })

  it('shows by what: holds of 150 ms, waits of 10 s, and who is charged with them', () => {
    expect(said(connectStorm, 'holder')).toMatch(/p50 150 ms/)
    expect(said(connectStorm, 'holder')).toMatch(
      /14\.2 h of waiting are charged to it, 88% .*`peers\.connect` 13 h/,
    )
    expect(said(connectStorm, 'victim')).toMatch(/5,167 of 5,344 writes failed/)
    expect(said(connectStorm, 'victim')).toMatch(/it waited for `blobs\.putMany` 13 h/)
    expect(said(connectStorm, 'amplifier')).toMatch(/5,344 writes came, 5\.2\/s/)
  })

  it('has the remedies that the daemon came to: smaller pieces in a lane of their own, and a coalescer', () => {
    expect(found(connectStorm, 'holder').remedy).toMatch(/pieces of about 2 rows.*lane `sync`/)
    expect(found(connectStorm, 'victim').remedy).toMatch(/ease `blobs\.putMany`\./)
    expect(found(connectStorm, 'amplifier').remedy).toMatch(/coalescer/)
  })

  it('goes away where blobs hold for a slice, and connects are put together', () => {
    const { ledger } = connectStorm
    const mended = (ledger?.writes ?? []).map((row) => ({
      ...row,
      hold: { ...row.hold, totalMs: row.hold.count * 3, p50Ms: 3, p90Ms: 4, p99Ms: 5, maxMs: 9 },
      queueWait: {
        ...row.queueWait,
        totalMs: row.queueWait.count * 4,
        p50Ms: 3,
        p90Ms: 6,
        p99Ms: 9,
        maxMs: 14,
      },
    }))
    expect(ledger).toBeDefined()
    if (ledger !== undefined)
      expect(told({ ...connectStorm, ledger: { ...ledger, writes: mended } })).toEqual([])
  })
})

describe('each kind by itself', () => {
  it('holder: one transaction of 105 s is enough, and those behind it are its victims', () => {
    expect(told(writing.reindexInOneGo)).toEqual(['high holder index.rebuild', 'high victim notes.save'])
    expect(said(writing.reindexInOneGo, 'holder')).toMatch(/for 105 s at a time/)
  })

  it('holder: one whose victims hold long themselves stands alone', () => {
    expect(told(writing.holderAlone)).toEqual(['low holder index.rebuild'])
  })

  it('victim: of many that hold for a slice each, none of them a holder', () => {
    expect(told(writing.victimOfMany)).toEqual(['medium victim notes.save'])
    expect(said(writing.victimOfMany, 'victim')).toMatch(/`import\.mail` 24\.2 s, `import\.photos` 23\.2 s/)
  })

  it('amplifier: a write for each sighting of a peer, which waits for its own kind', () => {
    expect(told(writing.tinyWrites)).toEqual(['low amplifier peers.seen'])
    expect(said(writing.tinyWrites, 'amplifier')).toMatch(/260,000 writes came, 867\/s/)
  })

  it('storm: what a lane refuses is told with its rates and the label that sends most', () => {
    expect(told(writing.burst)).toEqual(['high storm user'])
    expect(said(writing.burst, 'storm')).toMatch(/9,400 were refused and 0 dropped, 15%/)
    expect(said(writing.burst, 'storm')).toMatch(/205\/s came and 173\/s were done/)
  })

  it('neighbour: waits for the lock itself, with the counts of the waits, and no victim of ours to blame it on', () => {
    expect(told(writing.toolWithTheLock)).toEqual(['high neighbour another process'])
    expect(said(writing.toolWithTheLock, 'neighbour')).toMatch(/waited 61 times for it, 58 s in all/)
  })

  it('victim: by what labels are charged with, though much of its waiting is nobody’s', () => {
    expect(told(writing.bulkOnItsWay)).toEqual([
      'medium holder blobs.putMany',
      'medium amplifier peers.connect',
      'medium victim peers.connect',
      'medium victim notes.save',
    ])
  })

  it('event loop: the lock is free and nobody comes to use it; readers are not blamed', () => {
    expect(told(writing.hashingInTheApp)).toEqual(['medium event-loop app'])
    expect(said(writing.hashingInTheApp, 'event-loop')).toMatch(/97% .* went by with the lock free/)
  })

  it('event loop: one that stands still now and then is in no quantile, but in what writes waited', () => {
    expect(told(writing.stillNowAndThen)).toEqual(['high event-loop app'])
    expect(said(writing.stillNowAndThen, 'event-loop')).toMatch(/95% .* went by with the lock free/)
  })

  it('event loop: a read in the app’s thread is named, and where it belongs', () => {
    expect(told(writing.heavyInThreadRead)).toEqual(['low event-loop feed.unread'])
    expect(found(writing.heavyInThreadRead, 'event-loop').remedy).toMatch(/`feed\.unread` with `db\.read`/)
  })

  it('read pool: short reads that wait longer than they run want another reader', () => {
    expect(told(reading.twoReadersForForty)).toEqual(['low read-pool interactive'])
    expect(found(reading.twoReadersForForty, 'read-pool').remedy).toMatch(
      /`readers\.interactive` to 3 or more/,
    )
  })

  it('read pool: where one label has the readers, it is named instead', () => {
    expect(told(reading.reportHasTheReaders)).toEqual(['medium read-pool interactive'])
    expect(found(reading.reportHasTheReaders, 'read-pool').remedy).toMatch(/`report\.year`.*'background'/)
  })

  it('names both of two labels that have the readers in turn, though neither has them for half of the time', () => {
    expect(told(reading.twoHaveTheReaders)).toEqual(['low read-pool interactive'])
    const { headline, evidence, remedy } = found(reading.twoHaveTheReaders, 'read-pool')
    expect(headline).toBe(
      '`interactive` reads wait for a reader, and `stats.refresh` and `notes.byAuthor` have them',
    )
    expect(evidence.join()).toMatch(
      /`notes\.open` waited p50 101 ms.*`stats\.refresh` has.*`notes\.byAuthor` has/,
    )
    expect(remedy).toMatch(/`class: 'background'`/)
  })

  it('scan: rows for each run by SQLite’s counts, and the index by the text', () => {
    expect(diagnose(reading.scanCounted).map(({ headline }) => headline)).toEqual([
      'This query reads 40,000 rows of `links` each time',
    ])
    expect(found(reading.scanCounted, 'scan').remedy).toMatch(/on links \(target, kind, at\)/)
  })

  it('scan: without counts by the plans of the slow log, alias and all', () => {
    expect(told(reading.scanInSlowLog)).toHaveLength(1)
    expect(found(reading.scanInSlowLog, 'scan').remedy).toMatch(/on domains \(status\)/)
  })

  it('pinning reader: the lease that is under way, its label and its age', () => {
    expect(told(reading.longSnapshot)).toEqual(['medium pinning-reader report.year'])
    expect(said(reading.longSnapshot, 'pinning-reader')).toMatch(/has read for 20\.4 s/)
  })

  it('pinning reader: those that were ended at the hard bound', () => {
    expect(told(reading.pinsEnded)).toEqual(['medium pinning-reader report.year'])
    expect(said(reading.pinsEnded, 'pinning-reader')).toMatch(/4 reads ended with `wal-pinned`/)
  })

  it('pinning reader: none of ours, where gaps come to nothing and no lease is old', () => {
    expect(told(reading.foreignReader)).toEqual(['high pinning-reader a reader outside'])
  })

  it('checkpoint pressure: users wait for checkpoints', () => {
    expect(told(reading.slowDisk)).toEqual(['medium checkpoint-pressure log'])
    expect(said(reading.slowDisk, 'checkpoint-pressure')).toMatch(/80% of what suffering labels waited/)
  })

  it('checkpoint pressure: one that fails is told with its error', () => {
    expect(told(reading.diskFull)).toEqual(['high checkpoint-pressure log'])
    expect(found(reading.diskFull, 'checkpoint-pressure').headline).toMatch(/disk is full/)
  })
})

describe('several at once', () => {
  it('come most serious first, causes before those who suffer from them', () => {
    expect(told(badDay)).toEqual([
      'medium pinning-reader report.year',
      'medium holder blobs.putMany',
      'medium victim notes.save',
      'low scan select n.id, n.body from notes n where n.account = ? order by n.at desc limit 30',
      'low storm background',
    ])
    expect(found(badDay, 'scan').remedy).toMatch(/on notes \(account, at\)/)
  })

  it('stay readable where a thousand labels suffer: the worst of each kind', () => {
    const { ledger } = connectStorm
    const [first] = ledger?.writes.filter(({ label }) => label === 'peers.connect') ?? []
    expect(first).toBeDefined()
    if (ledger === undefined || first === undefined) return
    const labels = Array.from({ length: 1_000 }, (_, at) => `peer.${at}`)
    const many = {
      ...ledger,
      writes: [...ledger.writes, ...labels.map((label) => ({ ...first, label }))],
      blocked: [
        ...ledger.blocked,
        ...labels.map((waiter) => ({ waiter, holder: 'blobs.putMany', waitedMs: 9e5 })),
      ],
    }
    const kinds = diagnose({ ...connectStorm, ledger: many }).map(({ kind }) => kind)
    expect(kinds.filter((kind) => kind === 'victim')).toHaveLength(5)
    expect(kinds[0]).toBe('holder')
  })
})
