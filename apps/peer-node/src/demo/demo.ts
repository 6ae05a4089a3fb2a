import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { compareStores } from './comparison.ts'
import { gatherCorpus } from './corpus.ts'
import { Exchange } from './exchange.ts'
import { NodeProcess } from './node-process.ts'
import type { DemoOptions } from './options.ts'
import { createProgress } from './progress.ts'
import type { DemoResult } from './result.ts'

/**
 * Runs the demo. Whatever happens, both nodes are stopped and their folders removed in the end.
 * @returns the result, with `once`; undefined when a stay was ended.
 * @throws what went wrong; the signal's reason if it was aborted before both nodes held the same.
 */
export async function runDemo(options: DemoOptions, signal: AbortSignal): Promise<DemoResult | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'lockkeeper-demo-'))
  const nodes: NodeProcess[] = []
  const startNode = async (name: string, words: readonly string[]): Promise<NodeProcess> => {
    const data = ['--data', join(folder, name)]
    const node = await NodeProcess.start([...data, ...words], join(folder, `${name}.log`), signal)
    nodes.push(node)
    return node
  }
  try {
    const imports =
      options.imports.length > 0 ? options.imports.map((path) => resolve(path)) : [await installed(folder)]
    const figures = await new Exchange({ startNode, imports, progress: createProgress(), signal }).run()
    process.stderr.write(`${nodes.map((node) => `  open  ${node.ready.http}\n`).join('')}`)
    if (!options.once) {
      await stay(nodes, signal)
      return undefined
    }
    await stopAll(nodes)
    const files = ['one', 'two'].map((name) => join(folder, name, 'node.db')) as [string, string]
    return { ...(await compareStores(...files)), ...figures }
  } finally {
    await stopAll(nodes)
    await rm(folder, { recursive: true, force: true, maxRetries: 3 })
  }
}

async function installed(folder: string): Promise<string> {
  const corpus = join(folder, 'corpus')
  await mkdir(corpus)
  const count = await gatherCorpus(corpus)
  process.stderr.write(`found ${count} Markdown files among the installed packages\n`)
  return corpus
}

async function stay(nodes: readonly NodeProcess[], signal: AbortSignal): Promise<void> {
  process.stderr.write('both hold the same; Ctrl-C ends\n')
  const aborted = new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
  await Promise.race([aborted, ...nodes.map((node) => node.unexpectedExit())])
}

async function stopAll(nodes: NodeProcess[]): Promise<void> {
  await Promise.all(nodes.splice(0).map((node) => node.stop()))
}
