import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { readCommandLine } from './command-line.ts'

const program = fileURLToPath(new URL('../main.ts', import.meta.url))

describe('the command line', () => {
  it('reads a suite and its options', () => {
    expect(readCommandLine(['writes', '--quick', '--json', 'a.json'])).toMatchObject({
      kind: 'bench',
      suite: { name: 'writes' },
      quick: true,
      jsonFile: 'a.json',
    })
    expect(readCommandLine(['writes'])).toMatchObject({ quick: false, jsonFile: undefined })
  })

  it('narrows a suite to the cases that are asked for', () => {
    const request = readCommandLine(['writes', '--only', 'bulk_rows', 'memory'])
    expect(request).toMatchObject({ suite: { cases: [{ name: 'bulk_rows' }, { name: 'memory' }] } })
  })

  it.each([
    [[], /missing required argument 'suite'/],
    [
      ['nonsense'],
      /there is no suite "nonsense" \(there is: writes, signals, reads, wal, shares, peers, index, telemetry\)/,
    ],
    [['writes', '--loud'], /unknown option '--loud'/],
    [['writes', '--only', 'reads'], /writes has no case "reads"/],
    [['writes', 'reads'], /too many arguments/],
  ])('refuses %j', (words, message) => {
    expect(() => readCommandLine(words)).toThrow(message)
  })

  it('answers a suite that can’t run here with one line that says why, and exit code 2', async () => {
    const env = { ...process.env, LOCKKEEPER_SIGNALS: 'off' }
    const refused = promisify(execFile)(process.execPath, [program, 'signals'], { env })
    await expect(refused).rejects.toMatchObject({
      code: 2,
      stdout: '',
      stderr: 'bench: signals can’t run: turned off by LOCKKEEPER_SIGNALS\n',
    })
  })

  it('says likewise what is wrong with an extension that is there and does not load', async () => {
    const env = { ...process.env, LOCKKEEPER_SIGNALS: program }
    const refused = promisify(execFile)(process.execPath, [program, 'signals'], { env })
    await expect(refused).rejects.toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/^bench: signals can’t run: [^\n]*main\.ts can't be used [^\n]*\n$/),
    })
  })

  it('answers a suite that it does not know with one line and exit code 2', async () => {
    const refused = promisify(execFile)(process.execPath, [program, 'nonsense'])
    await expect(refused).rejects.toMatchObject({
      code: 2,
      stdout: '',
      stderr:
        'bench: there is no suite "nonsense" (there is: writes, signals, reads, wal, shares, peers, index, telemetry)\n',
    })
  })
})
