import { Marked } from 'marked'
import { withinTime } from '../content/within-time.ts'
import { httpLimits } from '../limits.ts'
import type { DocumentLink } from './document-link.ts'
import { escapeHtml } from './escape.ts'

export type LinkResolver = (href: string) => DocumentLink | undefined

/**
 * Markdown as HTML that is safe to show, whoever wrote it: raw HTML shows as text, links lead to the web, to other documents
 * or nowhere, and images are links, since nothing is loaded from elsewhere.
 * @param resolve says where a link leads, as written; nowhere if undefined.
 */
export function renderMarkdown(text: string, resolve: LinkResolver): string {
  if (text.length > httpLimits.renderedCharactersMax) return renderPlainText(text)
  const slugs = new Map<string, number>()
  let isInLink = false // links do not nest, and badges are images in links
  const marked = new Marked({
    renderer: {
      html: ({ text: source }) => escapeHtml(source),
      heading({ tokens, depth }) {
        const content = this.parser.parseInline(tokens)
        const slug = freshSlug(this.parser.parseInline(tokens, this.parser.textRenderer), slugs)
        return `<h${depth} id="${escapeHtml(slug)}">${content}</h${depth}>\n`
      },
      link({ href, tokens }) {
        isInLink = true
        const content = this.parser.parseInline(tokens)
        isInLink = false
        return anchor(href, content, resolve)
      },
      image({ href, text: alternative }) {
        const words = `[${escapeHtml(alternative === '' ? 'image' : alternative)}]`
        return isInLink ? words : anchor(href, words, resolve)
      },
    },
  })
  try {
    return withinTime(httpLimits.renderMsMax, () => marked.parse(text, { async: false }))
  } catch {
    return renderPlainText(text) // nested deeper than the parser's stack, or made to keep it busy
  }
}

/** A text shown as it is. */
export function renderPlainText(text: string): string {
  return `<pre class="plain">${escapeHtml(text)}</pre>\n`
}

function anchor(href: string, content: string, resolve: LinkResolver): string {
  const link = resolve(href)
  if (link === undefined) return `<span class="dead-link">${content}</span>`
  const attributes = link.isExternal ? ' rel="noopener noreferrer nofollow"' : ''
  return `<a href="${escapeHtml(link.href)}"${attributes}>${content}</a>`
}

/** The heading's words as GitHub makes them an anchor, so that a document's links to its own headings work. */
function freshSlug(text: string, slugs: Map<string, number>): string {
  const words = text.toLowerCase().replace(/&[a-z]+;|[^\p{L}\p{N}\s_-]/gu, '')
  const base = words.trim().replace(/\s/g, '-')
  let slug = base
  let next = slugs.get(base) ?? 1
  while (slugs.has(slug)) slug = `${base}-${next++}`
  slugs.set(slug, 1).set(base, next) // where the search goes on, or many equal headings would cost their square
  return slug
}
