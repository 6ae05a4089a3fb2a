import { formatReport, type Report } from '@lockkeeper/core'
import { hung, pageOf } from '@lockkeeper/core/doctor'
import { fetchReport } from '../report/fetch-report.ts'
import { watch } from '../watch/watch.ts'
import type { Request } from './command-line.ts'
import { jsonOf } from './doctor-report.ts'
import type { Terminal } from './terminal.ts'

/** The verdict on a live report, once or again and again. */
export async function doctorUrl(
  request: Extract<Request, { kind: 'url' }>,
  terminal: Terminal,
): Promise<void> {
  const { url, everyMs, json } = request
  if (everyMs === undefined) {
    const report = await fetchReport(url)
    terminal.out(json ? jsonOf(report) : `${formatReport(report, terminal)}\n`)
    return
  }
  const drawing = new Drawing(terminal, `${url} every ${everyMs / 1_000} s; Ctrl-C ends`)
  await watch({
    look: (signal) => fetchReport(url, signal),
    show: (report) => (json ? terminal.out(jsonOf(report)) : drawing.show(report)),
    showFailure: (error, failures) =>
      json
        ? terminal.error(`lockkeeper: ${(error as Error).message}\n`)
        : drawing.showFailure((error as Error).message, failures),
    intervalMs: everyMs,
    clock: terminal.clock,
    signal: terminal.interrupted,
  })
}

const home = '\u001B[H\u001B[2J'

/** On a screen each page takes the place of the last one, as far as there is room; elsewhere they follow each other. */
class Drawing {
  readonly #terminal: Terminal
  readonly #head: string
  #last: Report | undefined

  constructor(terminal: Terminal, head: string) {
    this.#terminal = terminal
    this.#head = head
  }

  show(report: Report): void {
    this.#last = report
    this.#draw(this.#head, report)
  }

  /** Shows what was seen last below the reason why it is no newer. */
  showFailure(reason: string, failures: number): void {
    const head = `${reason} (tried ${failures === 1 ? 'once' : `${failures} times`}, and again); what was seen last:`
    if (this.#terminal.isScreen && this.#last !== undefined) this.#draw(head, this.#last)
    else this.#terminal.out(`${head.replace(/; what was seen last:$/, '')}\n`)
  }

  #draw(head: string, report: Report): void {
    const { isScreen, rows } = this.#terminal
    // Wrapped as the rest is: what the terminal breaks by itself is not counted, and pushes the top out of sight.
    const lines = [
      ...hung('', '', head, pageOf(this.#terminal)),
      '',
      ...formatReport(report, this.#terminal).split('\n'),
    ]
    // The line that the cursor stands in has to be free, or the top scrolls away.
    const room = rows - 1
    const shown =
      isScreen && lines.length > room
        ? [
            ...lines.slice(0, Math.max(1, room - 1)),
            `… ${lines.length - room + 1} more lines: make the window larger`,
          ]
        : lines
    this.#terminal.out(`${isScreen ? home : ''}${shown.join('\n')}\n${isScreen ? '' : '\n'}`)
  }
}
