// Tests the extension itself, in C, under the compiler's sanitizers: `node packages/signals/native-test/run.ts`.
// Without arguments it builds and runs all that `npm test` wants, says one line per flavour, and ends with 0 if all is well.
import { parseArgs } from 'node:util'
import { findCompiler } from '../src/compiler.ts'
import { packageFolder } from '../src/places.ts'
import { allFlavours, type Flavour, plainFlavour, usualFlavours } from './flavours.ts'
import { loadPercent } from './limits.ts'
import { type RunOptions, runFlavour } from './run-flavour.ts'

const usage = `usage: run.ts [--flavour=NAME]… [--valgrind] [--only=WORDS] [--load=PERCENT] [--seed=N] [--verbose]
  flavours: ${allFlavours.map(({ name }) => name).join('  ')}`

/** What is asked for, or what is wrong with that. */
function wishes(): { readonly flavours: readonly Flavour[]; readonly options: RunOptions } | string {
  try {
    const { values } = parseArgs({
      options: {
        flavour: { type: 'string', multiple: true },
        valgrind: { type: 'boolean', default: false },
        only: { type: 'string', default: '' },
        load: { type: 'string' },
        seed: { type: 'string' },
        verbose: { type: 'boolean', default: false },
      },
    })
    const { valgrind, only, verbose } = values
    const named = values.flavour?.map((name) => allFlavours.find((flavour) => flavour.name === name))
    if (named?.includes(undefined)) return usage
    const flavours = named?.filter((flavour) => flavour !== undefined)
    const usual = valgrind ? [plainFlavour] : usualFlavours
    const load = Number(values.load ?? (valgrind ? loadPercent.valgrind : loadPercent.usual))
    const seed = Number(values.seed ?? process.env.LOCKKEEPER_SEED ?? Math.trunc(Math.random() * 2 ** 31))
    if (!Number.isSafeInteger(load) || load < 1 || !Number.isSafeInteger(seed) || seed < 0) return usage
    return { flavours: flavours ?? usual, options: { valgrind, only, verbose, load, seed } }
  } catch (error) {
    return `${error instanceof Error ? error.message : String(error)}\n${usage}`
  }
}

async function main(): Promise<number> {
  const wanted = wishes()
  if (typeof wanted === 'string') {
    console.error(wanted)
    return 2
  }
  const { flavours, options } = wanted
  if (process.platform === 'win32') {
    console.log('native tests: skipped, the signals extension does not exist for Windows')
    return 0
  }
  const compiler = await findCompiler(process.env, packageFolder)
  if (compiler.command === undefined) {
    console.log(`native tests: skipped, ${compiler.reason}`)
    return 0
  }
  console.log(`native tests: LOCKKEEPER_SEED=${options.seed}`)
  // At once: most of a run is waiting.
  const results = await Promise.all(flavours.map((flavour) => runFlavour(compiler, flavour, options)))
  return results.every((isWell) => isWell) ? 0 : 1
}

process.exitCode = await main()
