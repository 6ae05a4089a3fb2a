import type { DocumentSummary, SearchHit } from '@lockkeeper/peer-store'
import { html, raw } from 'hono/html'
import { escapeHtml } from './escape.ts'

/** A piece of a page: text in it is escaped, unless it was made to be HTML. */
export type Html = ReturnType<typeof html>

export interface PageFrame {
  readonly title: string
  /** What is in the search box. */
  readonly query?: string
  /** Seconds after which the browser asks again; for pages that show what is going on. */
  readonly refreshSeconds?: number
}

/** The frame around every page. */
export function page({ title, query = '', refreshSeconds }: PageFrame, content: Html): Html {
  const refresh =
    refreshSeconds === undefined ? '' : html`<meta http-equiv="refresh" content="${refreshSeconds}">`
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">${refresh}
<title>${title} · peer node</title>
<link rel="stylesheet" href="/style.css">
</head>
<body>
<header>
<a class="brand" href="/">peer node</a>
<form action="/search" role="search"><input type="search" name="q" value="${query}" placeholder="Search documents" aria-label="Search documents"><button>Search</button></form>
<nav><a href="/">Documents</a> <a href="/status">Status</a></nav>
</header>
<main>
${content}
</main>
</body>
</html>
`
}

export function documentLinkTo({ cid, title, path }: DocumentSummary): Html {
  return html`<a href="/document?cid=${cid}">${title}</a> <span class="path">${path}</span>`
}

/** A snippet with its matches marked; the store wraps them in U+0002 and U+0003. */
export function markedSnippet({ snippet }: SearchHit): Html {
  const marked = escapeHtml(snippet).replaceAll('\u0002', '<mark>').replaceAll('\u0003', '</mark>')
  return raw(marked)
}

/** Bytes in the unit one would say them in. */
export function bytesInWords(bytes: number): string {
  const units = ['bytes', 'KB', 'MB', 'GB']
  let value = bytes
  let unit = 0
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`
}

export function date(time: number): string {
  const at = new Date(time)
  return Number.isNaN(at.getTime()) ? 'no date' : at.toISOString().slice(0, 10)
}
