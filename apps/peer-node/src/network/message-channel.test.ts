import { encode } from '@ipld/dag-cbor'
import type { Stream } from '@libp2p/interface'
import { lpStream, streamPair } from '@libp2p/utils'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ChannelEndedError, MessageChannel, MessageMalformedError } from './message-channel.ts'

const limits = { messageBytesMax: 1_000, bufferBytesMax: 10_000, messageMsMax: 10_000 }
let end: AbortController
let near: Stream
let far: Stream
beforeEach(async () => {
  end = new AbortController()
  ;[near, far] = await streamPair()
})
afterEach(() => {
  near.abort(new Error('over'))
  far.abort(new Error('over'))
})

test('messages arrive whole and in order', async () => {
  const sender = new MessageChannel(near, limits, end.signal)
  const receiver = new MessageChannel(far, limits, end.signal)
  const messages = [
    { type: 'one', bytes: Uint8Array.of(1, 2) },
    { type: 'two' },
    { type: 'three', list: ['a', 'b'] },
  ]
  for (const message of messages) await sender.send(message)
  for (const message of messages) expect(await receiver.receive()).toEqual(message)
})

test('a closed stream ends the channel', async () => {
  const receiver = new MessageChannel(far, limits, end.signal)
  await near.close()
  await expect(receiver.receive()).rejects.toThrow(ChannelEndedError)
})

test('a message over the bound is refused by its length, before it has come', async () => {
  const receiver = new MessageChannel(far, limits, end.signal)
  near.send(Uint8Array.of(0xe9, 0x07)) // announces 1,001 bytes
  await expect(receiver.receive()).rejects.toThrow(MessageMalformedError)
})

test.each([
  ['not dag-cbor', Uint8Array.of(0xff, 0xff)],
  ['nested without end', new Uint8Array(900).fill(0x81)],
  ['longer than it says', Uint8Array.of(...encode('a'), ...encode('b'))],
])('a message that is %s is malformed', async (_, bytes) => {
  const receiver = new MessageChannel(far, limits, end.signal)
  await lpStream(near).write(bytes)
  await expect(receiver.receive()).rejects.toThrow(MessageMalformedError)
})

test('a peer that says nothing runs into the deadline', async () => {
  const receiver = new MessageChannel(far, limits, end.signal)
  await expect(receiver.receive(1)).rejects.toThrow(/timeout|aborted/i)
})

test('the signal ends a wait', async () => {
  const receiver = new MessageChannel(far, limits, end.signal)
  const waiting = receiver.receive()
  end.abort(new Error('stopping'))
  await expect(waiting).rejects.toThrow('stopping')
})

test('a peer that sends without being read loses its stream at the bound', async () => {
  const receiver = new MessageChannel(far, limits, end.signal)
  const aborted = new Promise<Error | undefined>((resolve) =>
    far.addEventListener('close', (event) => resolve(event.error), { once: true }),
  )
  const sender = lpStream(near)
  const flood = async (): Promise<never> => {
    for (;;) await sender.write(new Uint8Array(900))
  }
  await expect(flood()).rejects.toThrow()
  expect((await aborted)?.message).toMatch(/overflow/)
  await expect(receiver.receive()).rejects.toThrow()
})
