import { decode, encode } from '@ipld/dag-cbor'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { syncLimits } from '../limits.ts'
import {
  ProtocolViolationError,
  parseRequest,
  parseResponse,
  type Request,
  type Response,
} from './protocol.ts'

const cid = fc.stringMatching(/^b[a-z2-7]{58}$/)
const position = fc.record({ epoch: fc.uuid(), index: fc.nat() })
const requests: fc.Arbitrary<Request> = fc.oneof(
  fc.record({ type: fc.constant('list' as const), after: fc.option(cid) }),
  fc.record({ type: fc.constant('want' as const), cids: fc.array(cid, { maxLength: syncLimits.wantItems }) }),
  fc.record({ type: fc.constant('wait' as const), position }),
)
const responses: fc.Arbitrary<Response> = fc.oneof(
  fc.record({ type: fc.constant('list' as const), cids: fc.array(cid), position }),
  fc.record({ type: fc.constant('blob' as const), cid, bytes: fc.uint8Array() }),
  fc.record({
    type: fc.constant('sent' as const),
    absent: fc.array(cid, { maxLength: syncLimits.wantItems }),
  }),
  fc.record({ type: fc.constant('changes' as const), cids: fc.array(cid), complete: fc.boolean(), position }),
)

test('every message survives the wire', () => {
  fc.assert(
    fc.property(requests, (request) => {
      expect(parseRequest(decode(encode(request)))).toEqual(request)
    }),
  )
  fc.assert(
    fc.property(responses, (response) => {
      expect(parseResponse(decode(encode(response)))).toEqual(response)
    }),
  )
})

test('anything else is a violation, and nothing worse', () => {
  const anything = fc.oneof(
    fc.anything(),
    fc.record({ type: fc.constantFrom('list', 'want', 'wait', 'blob', 'sent') }),
  )
  const parse = (message: unknown): void => {
    for (const parser of [parseRequest, parseResponse])
      expect(() => parser(message)).toThrow(ProtocolViolationError)
  }
  fc.assert(fc.property(anything, parse))
})

test('lists are bounded', () => {
  const cids = Array.from({ length: syncLimits.wantItems + 1 }, () => 'bafy')
  expect(() => parseRequest({ type: 'want', cids })).toThrow(ProtocolViolationError)
  const names = Array.from({ length: syncLimits.pageItems + 1 }, () => 'bafy')
  const position = { epoch: 'e', index: 0 }
  expect(() => parseResponse({ type: 'list', cids: names, position })).toThrow(ProtocolViolationError)
})

test('the largest messages fit their bounds', () => {
  const longest = `b${'a'.repeat(syncLimits.cidCharactersMax - 1)}`
  const want = encode({ type: 'want', cids: Array.from({ length: syncLimits.wantItems }, () => longest) })
  expect(want.byteLength).toBeLessThan(syncLimits.requestBytesMax)
  const page = encode({
    type: 'list',
    cids: Array.from({ length: syncLimits.pageItems }, () => longest),
    position: {},
  })
  expect(page.byteLength).toBeLessThan(syncLimits.responseBytesMax)
})
