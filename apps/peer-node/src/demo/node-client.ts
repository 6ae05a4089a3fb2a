import type { DocumentSummary, SearchHit } from '@lockkeeper/peer-store'
import type { NodeStatus } from '../node/node-status.ts'
import { demoLimits } from './limits.ts'

export interface DocumentPage {
  readonly documents: readonly DocumentSummary[]
  readonly next: string | null
}

/** Asks a node over HTTP, as any program on this machine could. */
export class NodeClient {
  readonly #url: string
  readonly #signal: AbortSignal

  constructor(url: string, signal: AbortSignal) {
    this.#url = url
    this.#signal = signal
  }

  status(): Promise<NodeStatus> {
    return this.#get('/api/status')
  }

  /** A page of documents; `next` is where the page after it begins, null at the end. */
  documents(limit: number, after: string | null = null): Promise<DocumentPage> {
    const query = after === null ? '' : `&after=${encodeURIComponent(after)}`
    return this.#get(`/api/documents?limit=${limit}${query}`)
  }

  async document(cid: string): Promise<void> {
    await this.#get(`/api/document?cid=${encodeURIComponent(cid)}`)
  }

  async search(text: string): Promise<SearchHit[]> {
    const { hits } = await this.#get<{ hits: SearchHit[] }>(`/api/search?q=${encodeURIComponent(text)}`)
    return hits
  }

  async #get<Answer>(path: string): Promise<Answer> {
    const signal = AbortSignal.any([this.#signal, AbortSignal.timeout(demoLimits.answerMsMax)])
    const response = await fetch(this.#url + path, { signal })
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`)
    return response.json() as Promise<Answer>
  }
}
