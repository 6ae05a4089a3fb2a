import { describe, expect, it } from 'vitest'
import { readCommandLine } from './command-line.ts'
import { RefusedError } from './refused-error.ts'

describe('the command line', () => {
  it.each([
    [['a.db'], { kind: 'file', file: 'a.db', report: undefined, check: false, json: false }],
    [
      ['a.db', '--report', 'r.json', '--check', '--json'],
      { kind: 'file', file: 'a.db', report: 'r.json', check: true, json: true },
    ],
    [['--report', 'r.json'], { kind: 'report', report: 'r.json', json: false }],
    [
      ['--url', 'https://a.example/x?y=1'],
      { kind: 'url', url: new URL('https://a.example/x?y=1'), everyMs: undefined },
    ],
    [
      ['--url', 'http://127.0.0.1:80', '--watch'],
      { url: new URL('http://127.0.0.1:80/api/report'), everyMs: 2_000 },
    ],
    [['--url', 'http://[::1]:9/', '--watch', '--interval', '0.5', '--json'], { everyMs: 500, json: true }],
  ])('doctor %j', (words, request) => {
    expect(readCommandLine(['doctor', ...words])).toMatchObject(request)
  })

  it('answers --help and --version', () => {
    expect(readCommandLine(['doctor', '--help'])).toMatchObject({ text: expect.stringContaining('--watch') })
    expect(readCommandLine(['--version'])).toMatchObject({ text: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) })
  })

  it.each([
    [[]],
    [['heal']],
    [['doctor']],
    [['doctor', '']],
    [['doctor', 'a.db', 'b.db']],
    [['doctor', 'a.db', '--fix']],
    [['doctor', '--report']],
    [['doctor', '--report', '']],
    [['doctor', 'a.db', '--url', 'http://127.0.0.1:1']],
    [['doctor', '--report', 'r.json', '--url', 'http://127.0.0.1:1']],
    [['doctor', 'a.db', '--watch']],
    [['doctor', '--report', 'r.json', '--check']],
    [['doctor', 'a.db', '--interval', '2']],
    [['doctor', '--url', 'http://127.0.0.1:1', '--interval', '2']],
    [['doctor', '--url', 'http://127.0.0.1:1', '--watch', '--interval', '0']],
    [['doctor', '--url', 'http://127.0.0.1:1', '--watch', '--interval', ' ']],
    [['doctor', '--url', 'http://127.0.0.1:1', '--watch', '--interval', 'soon']],
    [['doctor', '--url', 'http://127.0.0.1:1', '--watch', '--interval', '1e9']],
    [['doctor', '--url', 'ftp://127.0.0.1']],
    [['doctor', '--url', '127.0.0.1:80']],
    [['doctor', '--url', 'two\nlines']],
  ])('refuses %j in one line', (words) => {
    let refusal: unknown
    try {
      readCommandLine(words)
    } catch (error) {
      refusal = error
    }
    expect(refusal).toBeInstanceOf(RefusedError)
    expect((refusal as Error).message).toMatch(/^[^\n]+$/)
  })
})
