import { compilerVersionMsMax, complaintLineCharactersMax, complaintLinesMax } from './limits.ts'
import { runProgram } from './program.ts'

/** A C compiler of this machine. */
export interface Compiler {
  /** The program, with what it always has to be told: `CC` may say `ccache gcc`. */
  readonly command: readonly string[]
  /** What it says of itself, to know another one by. */
  readonly version: string
}

export type CompilerSearch = Compiler | { readonly command: undefined; readonly reason: string }

/** What a compiler is usually called, the system's own choice first. */
const usualNames = ['cc', 'gcc', 'clang']

/** Finds the C compiler: the one that the environment variable `CC` names, else one of the usual. */
export async function findCompiler(environment: NodeJS.ProcessEnv, folder: string): Promise<CompilerSearch> {
  const named = environment.CC?.trim() ?? ''
  const commands = named === '' ? usualNames.map((name) => [name]) : [named.split(/\s+/)]
  const reasons: string[] = []
  for (const command of commands) {
    const runMsMax = compilerVersionMsMax
    const asked = await runProgram([...command, '--version'], { folder, environment, runMsMax })
    if (asked.end === 'exit' && asked.code === 0) return { command, version: asked.stdout }
    // On macOS, `cc` is there before the developer tools are; then it says how to get them.
    if (asked.end === 'exit') reasons.push(`${command.join(' ')} failed: ${firstLinesOf(asked.stderr)}`)
    if (asked.end === 'late') reasons.push(`${command.join(' ')} did not say its version in ${runMsMax} ms`)
    if (asked.end === 'not-started' && named !== '') reasons.push(`CC names ${named}: ${asked.why}`)
  }
  const why = reasons.length > 0 ? reasons.join('; ') : `none of ${usualNames.join(', ')} is on the PATH`
  return { command: undefined, reason: `there is no C compiler: ${why}` }
}

/** The beginning of what a compiler complains of, in one line. */
export function firstLinesOf(complaint: string): string {
  const lines = complaint
    .split('\n')
    .map((line) => line.trim().slice(0, complaintLineCharactersMax))
    .filter((line) => line !== '')
  return lines.length === 0 ? 'it did not say why' : lines.slice(0, complaintLinesMax).join(' / ')
}
