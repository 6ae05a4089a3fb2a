// Says of a build what it was made from, so that nothing is compiled twice.
import { createHash } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'

/** Everything that decides what a build comes out as. */
export interface BuildInputs {
  readonly compilerVersion: string
  readonly command: readonly string[]
  /** Sources and headers. */
  readonly files: readonly string[]
}

export async function fingerprintOf({ compilerVersion, command, files }: BuildInputs): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify([compilerVersion, command]))
  for (const file of files) {
    const bytes = await readFile(file)
    hash.update(`\n${file} ${bytes.length}\n`).update(bytes)
  }
  return hash.digest('hex')
}

/** Whether the output is there as it was built, from just these inputs. One that was damaged since is not. */
export async function isCurrent(output: string, inputs: string): Promise<boolean> {
  try {
    return (await readFile(stampOf(output), 'utf8')) === (await textOf(output, inputs))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}

/** Notes that the output was built from these inputs. */
export async function writeStamp(output: string, inputs: string, temporary: string): Promise<void> {
  const file = `${temporary}.stamp`
  await writeFile(file, await textOf(output, inputs))
  await rename(file, stampOf(output))
}

const stampOf = (output: string): string => `${output}.stamp`

async function textOf(output: string, inputs: string): Promise<string> {
  const built = createHash('sha256').update(await readFile(output))
  return `${inputs}\n${built.digest('hex')}\n`
}
