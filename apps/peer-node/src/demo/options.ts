import { Command, CommanderError } from 'commander'
import { StartRefusedError } from '../cli/start-refused-error.ts'
import { findImportRoot } from '../content/found-files.ts'

export interface DemoOptions {
  /** Whether to end once both nodes hold the same, instead of staying for a browser. */
  readonly once: boolean
  /** What to import instead of the installed packages' Markdown. */
  readonly imports: readonly string[]
}

/** @returns a text to show, if that is all that was asked for. @throws StartRefusedError in one line. */
export async function readDemoOptions(words: readonly string[]): Promise<DemoOptions | string> {
  let help = ''
  const program = new Command('demo')
    .description(
      'Two peer nodes: the first imports documents, the second syncs them, a reader asks both meanwhile.',
    )
    .option('--once', 'end as soon as both hold the same, and say so in one line of JSON')
    .option('--import <path...>', 'files and folders to import instead of the Markdown under node_modules')
    .allowExcessArguments(false)
    .showSuggestionAfterError(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => {
        help += text
      },
      writeErr: () => {},
    })
  try {
    program.parse(words, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return help
    throw new StartRefusedError(error.message.split('\n')[0]?.replace(/^error: /, '') ?? '')
  }
  const { once = false, import: imports = [] } = program.opts<{ once?: boolean; import?: string[] }>()
  for (const path of imports) await findImportRoot(path)
  return { once, imports }
}
