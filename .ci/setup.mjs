// Gets a fresh clone ready, then runs one of the workspace's commands on the workspace's own Node.
// Runs on any Node ≥ 20 with nothing but npm beside it, so it imports nothing but Node itself.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const pnpm = 'pnpm@12.21.0'
const root = fileURLToPath(new URL('..', import.meta.url))
const modules = join(root, 'node_modules')
const stamp = join(modules, '.lockkeeper-setup')
const node = join(modules, 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')

const commands = {
  setup: [],
  check: [
    ['biome', 'ci', '.'],
    ['tsc', '-b', 'packages/core', 'packages/peer-store', 'apps/peer-node'],
    ['tsc', '-p', 'test'],
  ],
  get test() {
    return [...this.check, ['vitest', 'run', '--config', 'test/vitest.config.ts']]
  },
  demo: [['apps/peer-node/src/demo/main.ts']],
  'peer-node': [['apps/peer-node/src/main.ts']],
  bench: [['apps/bench/src/main.ts']],
}

const [name = 'setup', ...args] = process.argv.slice(2)
if (!Object.hasOwn(commands, name)) {
  console.error(`unknown command: ${name} (one of ${Object.keys(commands).join(', ')})`)
  process.exit(2)
}
await install()
for (const [tool, ...rest] of commands[name]) await run(node, [...entryOf(tool), ...rest, ...args])

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
function run(file, args, { stdout = 'inherit', shell = false } = {}) {
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd: root, stdio: ['inherit', stdout, 'inherit'], shell })
    // A terminal sends Ctrl-C to the child as well, so here it only must not end us before the child has ended.
    const onInterrupt = () => {}
    const onTerminate = () => child.kill('SIGTERM')
    process.on('SIGINT', onInterrupt).on('SIGTERM', onTerminate)
    child.once('error', (error) => {
      console.error(`cannot run ${file}: ${error.message}`)
      process.exit(2)
    })
    child.once('exit', (code, signal) => {
      process.off('SIGINT', onInterrupt).off('SIGTERM', onTerminate)
      const exitCode = code ?? 128 + (constants.signals[signal] ?? 0)
      if (exitCode === 0) resolve()
      else process.exit(exitCode)
    })
  })
}
