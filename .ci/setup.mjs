// Gets a fresh clone ready, then runs one of the workspace's commands on the workspace's own Node.
// Runs on any Node ≥ 20 with nothing but npm beside it, so it imports nothing but Node itself.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const pnpm = 'pnpm@12.21.0'
const root = fileURLToPath(new URL('..', import.meta.url))
const modules = join(root, 'node_modules')
const stamp = join(modules, '.lockkeeper-setup')
// Threads load the sources as they are. With the cache Node strips their types once, not in each thread: these start three times
// as fast, and V8 is spared the WebAssembly that it does it with, which ends a process now and then (nodejs/node#64500).
const compileCache = join(modules, '.compile-cache')
const signals = 'packages/signals'
const node = join(modules, 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')

/** Each step is a tool or script with its arguments; or that as `command`, with an `env` and what it `says` before. */
const commands = {
  setup: [],
  check: [
    ['biome', 'ci', '.'],
    [
      'tsc',
      '-b',
      signals,
      ...['core', 'cli', 'metrics', 'peer-store'].map((name) => `packages/${name}`),
      'apps/peer-node',
    ],
    ['tsc', '-p', 'test'],
  ],
  get test() {
    return [...this.check, ...testRuns()]
  },
  demo: [['apps/peer-node/src/demo/main.ts']],
  'peer-node': [['apps/peer-node/src/main.ts']],
  lockkeeper: [['packages/cli/src/main.ts']],
  bench: [['apps/bench/src/main.ts']],
}

const [name = 'setup', ...args] = process.argv.slice(2)
if (!Object.hasOwn(commands, name)) {
  console.error(`unknown command: ${name} (one of ${Object.keys(commands).join(', ')})`)
  process.exit(2)
}
await install()
const signalsBuild = await buildSignals()
for (const step of commands[name]) {
  const { command, env, says, alone } = Array.isArray(step) ? { command: step } : step
  const [tool, ...rest] = command
  if (says !== undefined) console.error(says)
  await run(node, [...entryOf(tool), ...rest, ...(alone ? [] : args)], { env })
}

/** Installs what the lockfile says, unless exactly that is installed already. */
async function install() {
  const wanted = fingerprint()
  if (existsSync(node) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  console.error(`Setting up: ${pnpm} install (once)`)
  await run('npx', ['--yes', pnpm, 'install', '--frozen-lockfile', '--reporter', 'append-only'], {
    stdout: process.stderr,
    shell: process.platform === 'win32',
  })
  writeFileSync(stamp, wanted)
}

/** Everything that decides what an install puts in place. */
function fingerprint() {
  const folders = ['packages', 'apps'].flatMap((place) =>
    readdirSync(join(root, place)).map((folder) => join(place, folder)),
  )
  const manifests = ['.', 'test', ...folders]
    .map((folder) => join(folder, 'package.json'))
    .filter((file) => existsSync(join(root, file)))
  const hash = createHash('sha256').update(`${pnpm} ${process.platform} ${process.arch}`)
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', ...manifests]) {
    hash.update(`\n${file}\n`).update(readFileSync(join(root, file)))
  }
  return hash.digest('hex')
}

/**
 * Builds the signals extension, unless it is up to date, which takes a tenth of a second to find out. Everything works
 * without it, so a machine that can't build it goes on; its sources not compiling is a fault that the tests tell of.
 */
async function buildSignals() {
  const { code, stdout } = await end(node, [join(root, signals, 'src/cli.ts'), 'build'], { stdout: 'pipe' })
  if (code > 128) process.exit(code) // somebody ended it, and means all of this
  if (!stdout.startsWith('unchanged')) process.stderr.write(stdout)
  return { 0: 'built', 3: 'unsupported' }[code] ?? 'failed'
}

/** All tests with the signals extension and without: promises hold either way. */
function testRuns() {
  const vitest = ['vitest', 'run', '--config', 'test/vitest.config.ts']
  const setting = process.env.LOCKKEEPER_SIGNALS ?? ''
  const without = {
    command: vitest,
    env: { LOCKKEEPER_SIGNALS: 'off' },
    says: 'Tests without the signals extension',
  }
  if (setting === 'off') return [without]
  if (setting !== '' && setting !== 'on') {
    // Tests start programs in folders of their own, where a relative path would lead elsewhere.
    const path = resolve(root, setting)
    const env = { LOCKKEEPER_SIGNALS: path }
    return [{ command: vitest, env, says: `Tests with the signals extension ${path}` }, without]
  }
  if (signalsBuild === 'unsupported') return [without]
  if (signalsBuild === 'failed') process.exit(1)
  const native = {
    command: ['packages/signals/native-test/run.ts'],
    says: 'Tests of the signals extension by itself, under sanitizers',
    alone: true,
  }
  return [native, { command: vitest, says: 'Tests with the signals extension' }, without]
}

/** A workspace script runs as it is; a tool runs from its package's own entry point. */
function entryOf(tool) {
  if (tool.endsWith('.ts')) return [join(root, tool)]
  const manifest = {
    biome: '@biomejs/biome/package.json',
    tsc: 'typescript/package.json',
    vitest: 'vitest/package.json',
  }[tool]
  const { bin } = JSON.parse(readFileSync(join(modules, manifest), 'utf8'))
  return [join(modules, manifest, '..', typeof bin === 'string' ? bin : bin[tool])]
}

/** Runs a program to its end; a program that fails ends this one with its exit code. */
async function run(file, args, options) {
  const { code } = await end(file, args, options)
  if (code !== 0) process.exit(code)
}

/** Runs a program to its end. */
function end(file, args, { stdout = 'inherit', shell = false, env = {} } = {}) {
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      cwd: root,
      env: { NODE_COMPILE_CACHE: compileCache, ...process.env, ...env },
      stdio: ['inherit', stdout, 'inherit'],
      shell,
    })
    let said = ''
    child.stdout?.setEncoding('utf8').on('data', (text) => {
      said += text
    })
    // A terminal sends Ctrl-C to the child as well, so here it only must not end us before the child has ended.
    const onInterrupt = () => {}
    const onTerminate = () => child.kill('SIGTERM')
    process.on('SIGINT', onInterrupt).on('SIGTERM', onTerminate)
    child.once('error', (error) => {
      console.error(`cannot run ${file}: ${error.message}`)
      process.exit(2)
    })
    child.once('close', (code, signal) => {
      process.off('SIGINT', onInterrupt).off('SIGTERM', onTerminate)
      resolve({ code: code ?? 128 + (constants.signals[signal] ?? 0), stdout: said })
    })
  })
}
