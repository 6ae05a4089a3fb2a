import { setTimeout as delay } from 'node:timers/promises'
import type { Latencies } from './latencies.ts'
import { demoLimits } from './limits.ts'
import type { DocumentPage, NodeClient } from './node-client.ts'

/** The longest word of a title: what somebody would search for. */
export function wordOf(title: string): string {
  const words = title.match(/[\p{L}\p{N}]+/gu) ?? []
  return words.reduce((longest, word) => (word.length > longest.length ? word : longest), '')
}

/**
 * Keeps asking a node, one question after the other: its documents, a search, a document. Ends with the signal.
 * @throws what the node failed to answer.
 */
export async function keepReading(
  client: NodeClient,
  latencies: Latencies,
  signal: AbortSignal,
): Promise<void> {
  const measured = async <Answer>(question: Promise<Answer>): Promise<Answer> => {
    const startedAt = performance.now()
    const answer = await question
    latencies.add(performance.now() - startedAt)
    await delay(demoLimits.readEveryMs, undefined, { signal })
    return answer
  }
  try {
    await client.status() // from here on the node is up, and the connection to it
    let after: string | null = null
    while (!signal.aborted) {
      const { documents, next }: DocumentPage = await measured(client.documents(50, after))
      after = next
      const document = documents[Math.floor(documents.length / 2)]
      if (document === undefined) continue
      await measured(client.search(wordOf(document.title)))
      await measured(client.document(document.cid))
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
}
