import { Marked, type Token, type Tokens } from 'marked'
import { collectLinks, oneLine } from './text-fields.ts'

/** What a document record takes from a text, beside the text itself. */
export interface TextFields {
  /** The first heading; undefined if there is none. */
  readonly title: string | undefined
  /** What the text links to, as written, each once, in order. */
  readonly links: readonly string[]
}

const marked = new Marked()

/** Front matter would read as a rule and a heading of its last line. */
const frontMatter = /^---[ \t]*\r?\n[\s\S]*?\r?\n---[ \t]*(?:\r?\n|$)/
const htmlHeading = /<h([1-6])\b[^>]*>([\s\S]*?)<\/h\1\s*>/i
const htmlTag = /<[^>]*>/g

/** Reads a Markdown text's title and links. */
export function readMarkdown(text: string): TextFields {
  const tokens = marked.lexer(text.replace(frontMatter, ''))
  const hrefs: string[] = []
  marked.walkTokens(tokens, (token) => {
    if ((token.type === 'link' || token.type === 'image') && typeof token.href === 'string')
      hrefs.push(token.href)
  })
  return { title: titleOf(tokens), links: collectLinks(hrefs) }
}

/** The first heading at the top level, Markdown's or, as many READMEs have it, HTML's. */
function titleOf(tokens: readonly Token[]): string | undefined {
  for (const token of tokens) {
    const line = oneLine(token.type === 'heading' ? headingText(token.tokens ?? []) : headingInHtml(token))
    if (line !== '') return line
  }
  return undefined
}

function headingInHtml(token: Token): string {
  if (token.type !== 'html') return ''
  return (htmlHeading.exec(token.raw)?.[2] ?? '').replace(htmlTag, '')
}

/** A heading's words without its badges; if it is all images, what stands for them. */
function headingText(tokens: readonly Token[]): string {
  const words = plainText(tokens, () => '')
  return words.trim() === '' ? plainText(tokens, ({ text }) => text) : words
}

/** Inline tokens as one would read them aloud: no marks, no addresses. */
function plainText(tokens: readonly Token[], wordsOfImage: (image: Tokens.Image) => string): string {
  return tokens.map(wordsOf).join('')

  function wordsOf(token: Token): string {
    if (token.type === 'image') return wordsOfImage(token as Tokens.Image)
    if ('tokens' in token && token.tokens !== undefined) return token.tokens.map(wordsOf).join('')
    if (token.type === 'html') return ''
    if (token.type === 'br') return ' '
    return 'text' in token && typeof token.text === 'string' ? token.text : ''
  }
}
