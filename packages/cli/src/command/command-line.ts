import { Command, CommanderError, Option } from 'commander'
import { watchSeconds } from '../limits.ts'
import { reportUrl } from '../report/fetch-report.ts'
import { RefusedError } from './refused-error.ts'
import { readVersion } from './version.ts'

/** What the command was asked to do, read and found well-formed; nothing has been looked at yet. */
export type Request =
  | {
      readonly kind: 'file'
      readonly file: string
      /** A saved report whose slow statements are to be planned on the file. */
      readonly report: string | undefined
      readonly check: boolean
      readonly json: boolean
    }
  | { readonly kind: 'report'; readonly report: string; readonly json: boolean }
  | {
      readonly kind: 'url'
      readonly url: URL
      /** Undefined for one look. */
      readonly everyMs: number | undefined
      readonly json: boolean
    }
  /** A question about the command itself, and its answer. */
  | { readonly kind: 'information'; readonly text: string }

interface Flags {
  readonly report?: string
  readonly url?: string
  readonly watch?: boolean
  readonly interval?: string
  readonly check?: boolean
  readonly json?: boolean
}

/**
 * Reads the command line, without the program's own name.
 * @throws RefusedError for anything that is not understood.
 */
export function readCommandLine(words: readonly string[]): Request {
  let given: { readonly file: string | undefined; readonly flags: Flags } | undefined
  let output = ''
  const program = new Command('lockkeeper')
    .description('Tells what keeps an app on SQLite waiting, and how its database file is.')
    .version(readVersion())
    .exitOverride()
    .showSuggestionAfterError(false)
    .configureOutput({
      writeOut: (text) => {
        output += text
      },
      writeErr: () => {}, // errors come as exceptions; writing them too would make two lines of one
    })
  program
    .command('doctor')
    .description(
      'Look at a database FILE, or at the report of an app, and say what is wrong. Changes nothing.',
    )
    .argument('[file]', 'database file; it may be open elsewhere')
    .option(
      '--report <json>',
      'saved JSON.stringify(db.report()); with FILE, its slow statements are planned there',
    )
    .option('--url <url>', 'live report: a peer node’s address, or any URL that serves such JSON')
    .option('--watch', 'with --url: look again and again until Ctrl-C')
    .addOption(
      new Option(
        '--interval <seconds>',
        `pause between two looks with --watch (default: ${watchSeconds.default})`,
      ),
    )
    .option('--check', 'with FILE: look for damage too, which reads the file')
    .option('--json', 'print findings as JSON, a line for each look')
    .allowExcessArguments(false)
    .action((file: string | undefined, flags: Flags) => {
      given = { file, flags }
    })
  try {
    program.parse(words, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return { kind: 'information', text: output }
    throw new RefusedError(messageOf(error))
  }
  if (given === undefined) throw new RefusedError(noCommand)
  return requestOf(given.file, given.flags)
}

const noCommand = 'no command given; see lockkeeper --help'

function messageOf(error: CommanderError): string {
  if (error.code === 'commander.help') return noCommand
  const [line = ''] = error.message.split('\n')
  return `${line.replace(/^error: /, '')}; see lockkeeper doctor --help`
}

function requestOf(file: string | undefined, flags: Flags): Request {
  const { report, url, watch = false, interval, check = false, json = false } = flags
  if (file === '' || report === '') throw new RefusedError('a file has no name; see lockkeeper doctor --help')
  if (url !== undefined && (file !== undefined || report !== undefined))
    throw new RefusedError('--url stands alone: give it, or FILE, or --report')
  if (url === undefined && watch) throw new RefusedError('--watch looks at a live report: give its --url')
  if (!watch && interval !== undefined) throw new RefusedError('--interval goes with --watch')
  if (file === undefined && check) throw new RefusedError('--check looks at a file: give its name')
  if (file !== undefined) return { kind: 'file', file, report, check, json }
  if (report !== undefined) return { kind: 'report', report, json }
  if (url === undefined)
    throw new RefusedError('nothing to look at: give FILE, --report or --url; see lockkeeper doctor --help')
  return { kind: 'url', url: reportUrl(url), everyMs: watch ? intervalMs(interval) : undefined, json }
}

function intervalMs(text: string | undefined): number {
  const seconds = text === undefined ? watchSeconds.default : Number(text)
  if (text?.trim() === '' || !(seconds >= watchSeconds.min && seconds <= watchSeconds.max))
    throw new RefusedError(
      `--interval: ${JSON.stringify(text)} is not a number of seconds from ${watchSeconds.min} to ${watchSeconds.max}`,
    )
  return seconds * 1_000
}
