// Procedures by name: what a module exports, what it does not, and what is said when a name is wrong.

import { writeFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { temporaryFolder } from '@lockkeeper/testkit'
import { describe, expect, it } from 'vitest'
import { read, write } from './define.ts'
import { type AnyProcedure, kindsOf, loadProcedures, type ProcedureTable, procedureOf } from './load.ts'
import { procedures } from './reference.ts'

const table: ProcedureTable = new Map<string, AnyProcedure>([
  ['notes.add', write(() => 1)],
  ['notes.list', read(() => [])],
])

describe('loading', () => {
  it('finds the procedures of each module and leaves its other exports alone', async () => {
    const { url } = procedures(new URL('../../fixtures/notes-procedures.ts', import.meta.url))
    const loaded = await loadProcedures({ notes: url, again: url })
    expect(kindsOf(loaded).get('notes.add')).toBe('write')
    expect(kindsOf(loaded).get('again.list')).toBe('read')
    expect(loaded.has('notes.schema')).toBe(false)
  })

  it.each([
    ['is not there', undefined],
    ['does not parse', 'export const ='],
    ['throws', 'throw new Error("not today")'],
  ])('fails for a module that %s, naming it, with its own error as cause', async (_, text) => {
    await using folder = await temporaryFolder()
    const path = folder.file('broken.ts')
    if (text !== undefined) await writeFile(path, text)
    const url = pathToFileURL(path).href
    const failed = await loadProcedures({ broken: url }).catch((error: unknown) => error)
    expect(failed).toMatchObject({ code: 'procedures-not-loaded', stage: 'open', cause: expect.any(Error) })
    expect((failed as Error).message).toContain(url)
  })
})

describe('looking up', () => {
  it('finds by name and kind', () => {
    expect(procedureOf(table, 'notes.add', 'write')).toBe(table.get('notes.add'))
    expect(procedureOf(table, 'notes.list', 'read')).toBe(table.get('notes.list'))
  })

  it('names what there is when there is nothing of that name', () => {
    expect(() => procedureOf(table, 'notes.ad', 'write')).toThrow(
      expect.objectContaining({
        code: 'unknown-procedure',
        stage: 'execute',
        outcome: 'not-stored',
        message: 'There is no procedure notes.ad. There are: notes.add',
      }),
    )
    expect(() => procedureOf(new Map(), 'a.b', 'read')).toThrow('There are: none')
  })

  it('says so when a reader is asked to write, or the writer to read', () => {
    expect(() => procedureOf(table, 'notes.add', 'read')).toThrow(
      expect.objectContaining({
        stage: 'read',
        outcome: undefined,
        message: 'notes.add is declared with write(), so it cannot read',
      }),
    )
    expect(() => procedureOf(table, 'notes.list', 'write')).toThrow('cannot write')
  })
})
