import { job, read, write } from '@lockkeeper/core/procedures'

export const add = write((tx, body: string) => tx.run('insert into notes (body) values (?)', [body]).changes)
export const count = read((tx) => tx.value<number>('select count(*) from notes'))

/** Ends the writer's thread, the way a crash in native code would. */
export const die = write(() => process.exit(7))

export const addOne = job(function* (step, body: string) {
  step.tx.run('insert into notes (body) values (?)', [body])
  yield { cursor: 1 }
})
