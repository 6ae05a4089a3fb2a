// Issue “living with other processes”: of two busy Lockkeepers on one file neither gets less than 30 % of the commits. What is
// compared is shares, and the lock is held without using the CPU, so that a busy machine changes nothing; figures of real loads
// are printed by `npm run bench -- shares`.
import { type ChildProcess, childProcess, temporaryFolder } from '@lockkeeper/testkit'
import { expect, it } from 'vitest'

/** Of each process: after a start in which the one may be ahead of the other, and then while it counts. */
const commits = { first: 30, counted: 150 }

const program = new URL('./programs/share.ts', import.meta.url)

const commitsOf = (child: ChildProcess): number => Number(child.told.at(-1) ?? 0)

async function untilBoth(children: readonly ChildProcess[], least: number): Promise<number[]> {
  for (const child of children) {
    while (commitsOf(child) < least) await child.toldAtLeast(child.told.length + 1)
  }
  return children.map(commitsOf)
}

it.each([
  ['with signals', true, true],
  ['without', false, false],
  ['only one with signals', true, false],
])('two busy processes get like shares of the commits: %s', async (_, one, two) => {
  await using folder = await temporaryFolder()
  const file = folder.file('a.db')
  await using first = childProcess(program, { args: [file, 'one', String(one)] })
  await first.reached('open')
  await using second = childProcess(program, { args: [file, 'two', String(two)] })
  await second.reached('open')
  for (const child of [first, second]) child.pass('open')
  const before = await untilBoth([first, second], commits.first)
  const after = await untilBoth([first, second], Math.max(...before) + commits.counted)
  const gained = after.map((count, at) => count - (before[at] ?? 0))
  const all = gained.reduce((sum, count) => sum + count, 0)
  for (const count of gained) expect(count / all).toBeGreaterThan(0.3)
})
