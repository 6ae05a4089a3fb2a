// One run of an app that has a job to do. It dies where CRASH_POINT says, or ends well when the job is done.
import { openDatabase, procedures } from '@lockkeeper/core'
import { tell } from '@lockkeeper/testkit/child'

const [file = '', upto = '0'] = process.argv.slice(2)
const db = await openDatabase({
  file,
  migrations: [{ set: 'test', id: 1, name: 'steps', sql: 'create table steps (n integer not null) strict' }],
  procedures: {
    jobs: procedures<typeof import('./job-procedures.ts')>(new URL('./job-procedures.ts', import.meta.url)),
  },
})
const job = db.jobs.start.jobs.count({ upto: Number(upto) }, { id: 'the-job' })
job.on('progress', ({ done }) => {
  if (`between:${done}` === process.env.CRASH_POINT) process.kill(process.pid, 'SIGKILL')
})
await tell(await job)
await db.close()
process.disconnect?.()
