import { expect, test } from 'vitest'
import { readCommandLine } from './command-line.ts'
import { StartRefusedError } from './start-refused-error.ts'

const peer = '/dns4/localhost/tcp/4001/p2p/12D3KooWS1yX9rw8jjjqysZ5jpCzQppaFLMdkKfERa41321EdhZH'

test('reads a start with everything', () => {
  const words = [
    'start',
    '--data',
    'd',
    '--import',
    'a',
    'b',
    '--import',
    'c',
    '--peer',
    peer,
    '--http',
    '8080',
  ]
  const request = readCommandLine([...words, '--listen', '/ip6/::1/tcp/0'])
  expect(request).toMatchObject({ kind: 'start', data: 'd', imports: ['a', 'b', 'c'], httpPort: 8080 })
  if (request.kind !== 'start') throw new Error('not a start')
  expect(request.listen.toString()).toBe('/ip6/::1/tcp/0')
  expect(request.peers.map(String)).toEqual([peer])
})

test('listens on the loopback and lets the system choose the ports, unless told otherwise', () => {
  const request = readCommandLine(['start', '--data', 'd'])
  if (request.kind !== 'start') throw new Error('not a start')
  expect(request).toMatchObject({ imports: [], peers: [], httpPort: 0 })
  expect(request.listen.toString()).toBe('/ip4/127.0.0.1/tcp/0')
})

test('answers --help and --version', () => {
  expect(readCommandLine(['--version'])).toEqual({
    kind: 'information',
    text: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
  })
  expect(readCommandLine(['start', '--help'])).toEqual({
    kind: 'information',
    text: expect.stringContaining('--listen'),
  })
})

test.each([
  [[]],
  [['fly']],
  [['start']],
  [['start', '--data']],
  [['start', '--data', '']],
  [['start', '--data', 'd', 'more']],
  [['start', '--data', 'd', '--fast']],
  [['start', '--data', 'd', '--http', '65536']],
  [['start', '--data', 'd', '--http', '-1']],
  [['start', '--data', 'd', '--http', '80x']],
  [['start', '--data', 'd', '--listen', 'localhost:80']],
  [['start', '--data', 'd', '--listen', '/ip4/127.0.0.1']],
  [['start', '--data', 'd', '--listen', '/ip4/127.0.0.1/udp/80']],
  [['start', '--data', 'd', '--listen', '/ip4/127.0.0.1/tcp/99999']],
  [['start', '--data', 'd', '--peer', '/ip4/300.0.0.1/tcp/80']],
  [['start', '--data', 'd', '--peer', '/ip4/127.0.0.1/tcp/80/p2p/nobody']],
  [['start', '--data', 'd', '--peer', '/ip4/127.0.0.1/tcp/80/ws']],
  [['start', '--data', 'd', '--peer', 'two\nlines']],
])('refuses %j in one line', (words) => {
  let refusal: unknown
  try {
    readCommandLine(words)
  } catch (error) {
    refusal = error
  }
  expect(refusal).toBeInstanceOf(StartRefusedError)
  expect((refusal as Error).message).toMatch(/^[^\n]+$/)
})
