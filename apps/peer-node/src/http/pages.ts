import { type Document, documentCursor } from '@lockkeeper/peer-store'
import { Hono } from 'hono'
import { html, raw } from 'hono/html'
import { textKindOf } from '../content/text-detection.ts'
import type { NodeView } from './api.ts'
import { linksOf } from './document-link.ts'
import { renderMarkdown, renderPlainText } from './markdown-view.ts'
import { bytesInWords, date, documentLinkTo, type Html, markedSnippet, page } from './page-parts.ts'
import { readDocumentKey, readPage, readSearch } from './query.ts'
import { statusPage } from './status-page.ts'
import { style } from './style.ts'

/** A plain page to browse, read and search; it works without a script. */
export function createPages(node: NodeView): Hono {
  const { store } = node
  const pages = new Hono()
  pages.get('/style.css', (context) =>
    context.body(style, 200, { 'content-type': 'text/css; charset=utf-8', 'cache-control': 'max-age=300' }),
  )
  pages.get('/', async (context) => {
    const asked = readPage(context.req.query())
    const [documents, status] = await Promise.all([store.listDocuments(asked), store.status()])
    const last = documents.length < asked.limit ? undefined : documents.at(-1)
    const content = html`<h1>Documents</h1>
<p class="muted">${status.documents} documents in ${status.blobs} blobs, ${bytesInWords(status.bytes)}</p>
${documents.length === 0 ? html`<p>None here yet. Import some, or connect to a peer.</p>` : ''}
<ul class="list">${documents.map((document) => html`<li>${documentLinkTo(document)}</li>`)}</ul>
${last === undefined ? '' : html`<p><a class="next" href="/?after=${encodeURIComponent(documentCursor(last))}">Next page</a></p>`}`
    return context.html(page({ title: 'Documents' }, content))
  })
  pages.get('/search', async (context) => {
    const { text, ...asked } = readSearch(context.req.query())
    const hits = text.trim() === '' ? [] : await store.search(text, asked)
    const last = hits.length < asked.limit ? undefined : hits.at(-1)
    const content = html`<h1>Search</h1>
<p class="muted">${hits.length === 0 ? 'Nothing found' : `${hits.length} found`}${text === '' ? '' : ` for “${text}”`}</p>
<ul class="list hits">${hits.map(
      (hit) => html`<li>${documentLinkTo(hit)}<p class="snippet">${markedSnippet(hit)}</p></li>`,
    )}</ul>
${last === undefined ? '' : html`<p><a class="next" href="/search?q=${encodeURIComponent(text)}&after=${encodeURIComponent(last.position)}">Next page</a></p>`}`
    return context.html(page({ title: 'Search', query: text }, content))
  })
  pages.get('/document', async (context) => {
    const document = await store.openDocument(readDocumentKey(context.req.query()))
    if (document !== undefined) return context.html(page({ title: document.title }, documentPage(document)))
    const missing = html`<h1>No such document</h1><p>It may not have arrived yet, or be a file that is not text.</p>`
    return context.html(page({ title: 'No such document' }, missing), 404)
  })
  pages.get('/status', async (context) => {
    const [status, peers] = await Promise.all([node.status(), store.listPeers({ limit: 50 })])
    return context.html(page({ title: 'Status', refreshSeconds: 3 }, statusPage(status, peers)))
  })
  pages.get('*', (context) =>
    context.html(
      page({ title: 'Not found' }, html`<h1>Not found</h1><p><a href="/">All documents</a></p>`),
      404,
    ),
  )
  return pages
}

function documentPage(document: Document): Html {
  const { cid, title, path, text, time, author, backlinks } = document
  const body =
    textKindOf(path) === 'markdown' ? renderMarkdown(text, linksOf(document)) : renderPlainText(text)
  const heading = body.startsWith('<h1') ? '' : html`<h1>${title}</h1>`
  return html`<article>
${heading}
<p class="muted"><span class="path">${path}</span> · ${date(time)} · by <code title="${author}">${author.slice(0, 12)}…</code> · <a href="/blob/${cid}">signed record</a></p>
<div class="text">${raw(body)}</div>
</article>
${
  backlinks.length === 0
    ? ''
    : html`<aside><h2>Linked from</h2><ul class="list">${backlinks.map(
        (backlink) => html`<li>${documentLinkTo(backlink)}</li>`,
      )}</ul></aside>`
}`
}
