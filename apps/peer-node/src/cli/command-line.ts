import type { Multiaddr } from '@multiformats/multiaddr'
import { Command, CommanderError } from 'commander'
import { StartRefusedError } from './start-refused-error.ts'
import { parseListenAddress, parsePeerAddress, parsePort } from './values.ts'
import { readVersion } from './version.ts'

/** What a start was asked to do, every value read and found well-formed; nothing has been touched yet. */
export interface StartRequest {
  readonly kind: 'start'
  readonly data: string
  readonly imports: readonly string[]
  readonly listen: Multiaddr
  readonly peers: readonly Multiaddr[]
  readonly httpPort: number
}

/** A question about the command itself, and its answer. */
export interface InformationRequest {
  readonly kind: 'information'
  readonly text: string
}

interface StartFlags {
  readonly data: string
  readonly import?: readonly string[]
  readonly listen: string
  readonly peer?: readonly string[]
  readonly http: string
}

/**
 * Reads the command line, without the program's own name.
 * @throws StartRefusedError, in one line, for anything that is not understood.
 */
export function readCommandLine(words: readonly string[]): StartRequest | InformationRequest {
  let flags: StartFlags | undefined
  let output = ''
  const program = new Command('peer-node')
    .description(
      'A peer that imports files, syncs them with other peers over libp2p and serves them on 127.0.0.1.',
    )
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
    .command('start')
    .description('Start a node; it runs until Ctrl-C.')
    .requiredOption('--data <dir>', 'folder of the database and the key; made if missing')
    .option('--import <path...>', 'files and folders to import')
    .option('--listen <multiaddr>', 'address for other peers', '/ip4/127.0.0.1/tcp/0')
    .option('--peer <multiaddr...>', 'peers to connect to, and to reconnect to for as long as the node runs')
    .option('--http <port>', 'port of the HTTP API and page on 127.0.0.1; 0 lets the system choose', '0')
    .allowExcessArguments(false)
    .action((given: StartFlags) => {
      flags = given
    })
  try {
    program.parse(words, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return { kind: 'information', text: output }
    throw new StartRefusedError(messageOf(error))
  }
  if (flags === undefined) throw new StartRefusedError('no command given; see peer-node --help')
  return requestOf(flags)
}

function messageOf(error: CommanderError): string {
  if (error.code === 'commander.help') return 'no command given; see peer-node --help'
  const [line = ''] = error.message.split('\n')
  return `${line.replace(/^error: /, '')}; see peer-node start --help`
}

function requestOf(flags: StartFlags): StartRequest {
  if (flags.data === '') throw new StartRefusedError('--data: the folder has no name')
  return {
    kind: 'start',
    data: flags.data,
    imports: flags.import ?? [],
    listen: parseListenAddress(flags.listen),
    peers: (flags.peer ?? []).map(parsePeerAddress),
    httpPort: parsePort('--http', flags.http),
  }
}
