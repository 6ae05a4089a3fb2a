// The same tests under Valgrind, which also sees what uninitialised memory decides: `run.ts --valgrind`.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Each test is a process: one with an error in it, or a leak, ends with a code of its own. */
export function underValgrind(command: readonly string[], folder: string): readonly string[] {
  return [
    'valgrind',
    '--error-exitcode=9',
    '--leak-check=full',
    '--errors-for-leak-kinds=definite,indirect',
    `--log-file=${join(folder, 'valgrind.%p')}`,
    ...command,
  ]
}

/** What Valgrind has said of all processes that ended by themselves; those that were killed have no last word. */
export async function sumUp(folder: string): Promise<string> {
  const names = (await readdir(folder)).filter((name) => name.startsWith('valgrind.'))
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))
  const ended = texts.filter((text) => text.includes('ERROR SUMMARY'))
  for (const text of ended.filter((one) => !one.includes('ERROR SUMMARY: 0 errors'))) console.log(text)
  const lost = sumOf(ended, /definitely lost: ([\d,]+) bytes/)
  const errors = sumOf(ended, /ERROR SUMMARY: ([\d,]+) errors/)
  return `valgrind: ${ended.length} processes, ${errors} errors, ${lost} bytes lost`
}

function sumOf(texts: readonly string[], number: RegExp): number {
  return texts.reduce((sum, text) => sum + Number(number.exec(text)?.[1]?.replaceAll(',', '') ?? 0), 0)
}
