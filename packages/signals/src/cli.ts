// The command `lockkeeper-signals`: says one line and ends.
import { parseArgs } from 'node:util'
import { type BuildOptions, buildSignals } from './build.ts'

const usage = 'usage: lockkeeper-signals build [--flag=FLAG]… [--output=NAME]'

/** Exit codes: scripts tell a machine that can't build from a build that went wrong. */
const exitCodes = { built: 0, failed: 1, badUsage: 2, unsupported: 3 }

process.exitCode = await run(process.argv.slice(2))

async function run(args: readonly string[]): Promise<number> {
  const options = optionsIn(args)
  if (typeof options === 'string') {
    console.error(options)
    return exitCodes.badUsage
  }
  const result = await buildSignals(options)
  if (result.built) {
    console.log(`${result.compiled ? 'built' : 'unchanged'} ${result.path}`)
    return exitCodes.built
  }
  console.error(`The signals extension was not built: ${result.reason}`)
  return exitCodes[result.failure]
}

/** What the command was asked for, or what is wrong with that. */
function optionsIn(args: readonly string[]): BuildOptions | string {
  try {
    const { positionals, values } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { flag: { type: 'string', multiple: true }, output: { type: 'string' } },
    })
    if (positionals.length !== 1 || positionals[0] !== 'build') return usage
    return { flags: values.flag, output: values.output }
  } catch (error) {
    // The first sentence says what is wrong; the others teach.
    const [what] = (error instanceof Error ? error.message : String(error)).split(/\.?(?:\s*\n|\. )/)
    return `${what} (${usage})`
  }
}
