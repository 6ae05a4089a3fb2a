import type { Report } from '@lockkeeper/core'
import { RefusedError } from '../command/refused-error.ts'
import { answerMsMax, reportBytesMax } from '../limits.ts'
import { parseReport } from './parse-report.ts'

/** Where a peer node serves its report: taken where the URL names no path. */
const reportPath = '/api/report'

/** @throws RefusedError for what is no address of a web server. */
export function reportUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw new RefusedError(`--url: ${JSON.stringify(text)} is not like http://127.0.0.1:8080`)
  if (url.pathname === '/') url.pathname = reportPath
  return url
}

/** Fetches a live report. @throws RefusedError where nobody answers, or with something else. */
export async function fetchReport(url: URL, signal?: AbortSignal): Promise<Report> {
  const timeout = AbortSignal.timeout(answerMsMax)
  const ended = signal === undefined ? timeout : AbortSignal.any([signal, timeout])
  const response = await reached(url, () =>
    fetch(url, { signal: ended, headers: { accept: 'application/json' } }),
  )
  if (!response.ok) {
    await response.body?.cancel()
    throw new RefusedError(
      `${url} answered ${response.status}: name a peer node’s address, or all of the URL that serves JSON.stringify(db.report())`,
    )
  }
  return parseReport(await reached(url, () => textOf(url, response)), String(url))
}

async function textOf(url: URL, response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength
    if (bytes > reportBytesMax) throw new RefusedError(`${url} answers with more than a report can be`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

async function reached<T>(url: URL, attempt: () => Promise<T>): Promise<T> {
  try {
    return await attempt()
  } catch (error) {
    if (error instanceof RefusedError) throw error
    throw new RefusedError(`cannot reach ${url}: ${whyNot(error)}`, { cause: error })
  }
}

/** What fetch throws says no more than that it failed; its cause says why, and is a list where a name has several addresses. */
function whyNot(error: unknown): string {
  if (error instanceof DOMException && error.name === 'TimeoutError')
    return `no answer within ${answerMsMax / 1_000} s`
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : (error as Error)
  const first = cause instanceof AggregateError ? cause.errors[0] : cause
  return first instanceof Error && first.message !== '' ? first.message : String(first)
}
