import { parentPort } from 'node:worker_threads'

const port = parentPort
if (port === null) throw new Error('This module runs as a thread of the bench only')
let lastInsertRowid = 0
port.on('message', (message: unknown) => {
  if (message === 'leave') port.close()
  else port.postMessage({ changes: 1, lastInsertRowid: ++lastInsertRowid })
})
port.postMessage('ready')
