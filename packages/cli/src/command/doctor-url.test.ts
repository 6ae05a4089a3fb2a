// A live report over HTTP: a real server on the loopback, and the command in this process on a played terminal, or as it is.
import { once } from 'node:events'
import { until } from '@lockkeeper/testkit'
import { describe, expect, it } from 'vitest'
import { busyAndWell as calm } from '../../../core/fixtures/situations/calm.ts'
import { connectStorm } from '../../../core/fixtures/situations/connect-storm.ts'
import { lockkeeper, startLockkeeper } from '../../fixtures/command.ts'
import { type PlayedTerminal, playedTerminal } from '../../fixtures/played-terminal.ts'
import { answering, serve } from '../../fixtures/report-server.ts'
import { run } from './run.ts'

describe('doctor --url', () => {
  it('prints the verdict on a live report, taking a bare address for a peer node’s', async () => {
    await using server = await serve(answering('/api/report', () => connectStorm))
    expect(await lockkeeper('doctor', '--url', server.url)).toEqual({
      code: 0,
      stdout: expect.stringMatching(/Verdict: \d findings[\s\S]*`blobs\.putMany` holds the write lock/),
      stderr: '',
    })
  })

  it('prints findings as one line of JSON', async () => {
    await using server = await serve(answering('/my/report', () => connectStorm))
    const { stdout } = await lockkeeper('doctor', '--url', `${server.url}/my/report`, '--json')
    expect(stdout.trimEnd().split('\n')).toHaveLength(1)
    expect(JSON.parse(stdout)).toMatchObject({
      version: 1,
      findings: expect.arrayContaining([
        expect.objectContaining({ kind: 'holder', subject: 'blobs.putMany', remedy: expect.any(String) }),
      ]),
    })
  })

  it.each([
    ['another path', () => answering('/elsewhere', () => calm), /answered 404/],
    ['another version', () => answering('/api/report', () => ({ ...calm, version: 2 })), /has version 2/],
    [
      'half a report',
      () => answering('/api/report', () => ({ ...calm, lanes: {} })),
      /`lanes\.user` should be/,
    ],
    [
      'no JSON',
      () => (_: unknown, response: { end(text: string): void }) => response.end('<html>'),
      /is not JSON/,
    ],
    [
      'nothing',
      () =>
        ({ socket }: { socket: { destroy(): void } }) =>
          socket.destroy(),
      /cannot reach/,
    ],
  ] as const)('refuses %s in one line', async (_, answer, why) => {
    await using server = await serve(answer() as Parameters<typeof serve>[0])
    const terminal = playedTerminal()
    expect(await run(['doctor', '--url', server.url], terminal)).toBe(2)
    expect(terminal.pages).toEqual([])
    expect(terminal.errors).toEqual([expect.stringMatching(/^lockkeeper: [^\n]+\n$/)])
    expect(terminal.errors[0]).toMatch(why)
  })

  it('refuses an address where nobody listens, watching or not', async () => {
    const gone = await serve(() => {})
    await gone[Symbol.asyncDispose]()
    for (const more of [[], ['--watch']]) {
      expect(await lockkeeper('doctor', '--url', gone.url, ...more)).toEqual({
        code: 2,
        stdout: '',
        stderr: expect.stringMatching(/^lockkeeper: cannot reach http:[^\n]+ECONNREFUSED[^\n]*\n$/),
      })
    }
  })
})

describe('doctor --url --watch', () => {
  const shown = (terminal: PlayedTerminal, count: number): Promise<void> =>
    until(
      `${count} pages are shown and the watch pauses`,
      () => terminal.pages.length === count && terminal.clock.timers === 1,
    )

  it('draws over the last page, survives a server that goes and comes back, and ends with Ctrl-C', async () => {
    const first = await serve(answering('/api/report', () => calm))
    const terminal = playedTerminal({ isScreen: true, rows: 30, width: 60 })
    const ended = run(['doctor', '--url', first.url, '--watch'], terminal)
    await shown(terminal, 1)
    await first[Symbol.asyncDispose]()
    terminal.clock.advance(2_000)
    await shown(terminal, 2)
    terminal.clock.advance(2_000)
    await shown(terminal, 3)
    await using _second = await serve(
      answering('/api/report', () => connectStorm),
      first.port,
    )
    terminal.clock.advance(2_000)
    await shown(terminal, 4)
    terminal.interrupt()
    expect(await ended).toBe(0)
    const [calmPage = '', once = '', twice = '', storm = ''] = terminal.pages
    for (const page of terminal.pages) {
      expect(page.startsWith('\u001B[H\u001B[2J')).toBe(true)
      expect(page.split('\n').length).toBeLessThanOrEqual(30)
      for (const line of page.replace('\u001B[H\u001B[2J', '').split('\n'))
        expect(line.length).toBeLessThanOrEqual(60)
    }
    expect(calmPage).toMatch(/every\s2 s;\sCtrl-C\sends[\s\S]*nothing stands out/)
    expect(once).toMatch(/cannot\sreach [\s\S]*tried\sonce[\s\S]*seen\slast:[\s\S]*nothing stands out/)
    expect(twice).toMatch(/tried\s2\stimes/)
    expect(storm).toMatch(/blobs\.putMany[\s\S]*… \d+ more lines/)
    expect(terminal.errors).toEqual([])
  })

  it('writes page after page where nobody looks, and JSON line by line', async () => {
    await using server = await serve(answering('/api/report', () => calm))
    for (const json of [[], ['--json']]) {
      const terminal = playedTerminal()
      const ended = run(['doctor', '--url', server.url, '--watch', ...json], terminal)
      await shown(terminal, 1)
      terminal.clock.advance(2_000)
      await shown(terminal, 2)
      terminal.interrupt()
      expect(await ended).toBe(0)
      expect(terminal.pages.join('')).not.toContain('\u001B')
      if (json.length > 0)
        for (const line of terminal.pages) expect(JSON.parse(line)).toMatchObject({ version: 1 })
    }
  })

  it('as it is, ends with Ctrl-C in the middle of a look, with exit code 0', async () => {
    let asked = 0
    const waiting = Promise.withResolvers<void>()
    await using server = await serve((_, response) => {
      if (++asked === 1) response.end(JSON.stringify(calm))
      else waiting.resolve()
    })
    await using started = startLockkeeper(['doctor', '--url', server.url, '--watch', '--interval', '0.1'])
    await once(started.child.stdout, 'data')
    await waiting.promise
    started.child.kill('SIGINT')
    expect(await started.ended).toEqual([0, null])
  })
})
