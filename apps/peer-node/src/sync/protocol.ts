import { syncLimits } from '../limits.ts'

/** libp2p's name for the protocol; another number, another language. */
export const syncProtocol = '/lockkeeper/sync/2'

/** A place in a node's journal of changes; a node that starts again begins a new epoch. */
export interface Position {
  readonly epoch: string
  readonly index: number
}

/** The names of blobs that follow `after`, in order. */
export interface ListRequest {
  readonly type: 'list'
  readonly after: string | null
}

/** The blobs of these names. */
export interface WantRequest {
  readonly type: 'want'
  readonly cids: readonly string[]
}

/** What has been stored since; answered when there is something, or after a while. */
export interface WaitRequest {
  readonly type: 'wait'
  readonly position: Position
}

export type Request = ListRequest | WantRequest | WaitRequest

/** One page of names; an empty one is the end. */
export interface ListResponse {
  readonly type: 'list'
  readonly cids: readonly string[]
  /** Where the journal stood when the page was read. */
  readonly position: Position
}

/** One of the blobs that were wanted. */
export interface BlobResponse {
  readonly type: 'blob'
  readonly cid: string
  readonly bytes: Uint8Array
}

/** The end of the answer to a want. Names neither sent nor absent did not fit and can be wanted again. */
export interface SentResponse {
  readonly type: 'sent'
  readonly absent: readonly string[]
}

export interface ChangesResponse {
  readonly type: 'changes'
  readonly cids: readonly string[]
  /** False if the journal does not reach back that far: list everything again. */
  readonly complete: boolean
  readonly position: Position
}

export type Response = ListResponse | BlobResponse | SentResponse | ChangesResponse

/** A peer said something the protocol does not have. */
export class ProtocolViolationError extends Error {
  override readonly name = 'ProtocolViolationError'
}

/** @throws ProtocolViolationError */
export function parseRequest(message: unknown): Request {
  const fields = fieldsOf(message)
  switch (fields.type) {
    case 'list':
      return { type: 'list', after: fields.after === null ? null : cid(fields.after) }
    case 'want':
      return { type: 'want', cids: cids(fields.cids, syncLimits.wantItems) }
    case 'wait':
      return { type: 'wait', position: position(fields.position) }
    default:
      throw new ProtocolViolationError('a request of an unknown type')
  }
}

/** @throws ProtocolViolationError */
export function parseResponse(message: unknown): Response {
  const fields = fieldsOf(message)
  switch (fields.type) {
    case 'list':
      return {
        type: 'list',
        cids: cids(fields.cids, syncLimits.pageItems),
        position: position(fields.position),
      }
    case 'blob':
      return { type: 'blob', cid: cid(fields.cid), bytes: bytes(fields.bytes) }
    case 'sent':
      return { type: 'sent', absent: cids(fields.absent, syncLimits.wantItems) }
    case 'changes':
      return {
        type: 'changes',
        cids: cids(fields.cids, syncLimits.changesItems),
        complete: boolean(fields.complete),
        position: position(fields.position),
      }
    default:
      throw new ProtocolViolationError('a response of an unknown type')
  }
}

const cidShape = /^b[a-z2-7]+$/

function cid(value: unknown): string {
  if (typeof value === 'string' && value.length <= syncLimits.cidCharactersMax && cidShape.test(value))
    return value
  throw new ProtocolViolationError('not a CIDv1 in base32')
}

function cids(value: unknown, itemsMax: number): string[] {
  if (!Array.isArray(value) || value.length > itemsMax)
    throw new ProtocolViolationError('not a list of CIDs, or too long')
  return value.map(cid)
}

function position(value: unknown): Position {
  const { epoch, index } = fieldsOf(value)
  if (typeof epoch !== 'string' || epoch.length > 64 || !Number.isSafeInteger(index)) {
    throw new ProtocolViolationError('not a position')
  }
  return { epoch, index: index as number }
}

function bytes(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value
  throw new ProtocolViolationError('not bytes')
}

function boolean(value: unknown): boolean {
  if (typeof value === 'boolean') return value
  throw new ProtocolViolationError('not a boolean')
}

function fieldsOf(value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  throw new ProtocolViolationError('not a map')
}
