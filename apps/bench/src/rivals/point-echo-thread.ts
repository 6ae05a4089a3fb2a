import { parentPort, workerData } from 'node:worker_threads'

const port = parentPort
if (port === null) throw new Error('This module runs as a thread of the bench only')
const body = workerData as string
port.on('message', (message: 'leave' | { readonly parameters: readonly number[] }) => {
  if (message === 'leave') port.close()
  else port.postMessage({ id: message.parameters[0], body })
})
port.postMessage('ready')
