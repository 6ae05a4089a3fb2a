import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import fc from 'fast-check'

const word = fc.stringMatching(/^[a-z]{3,10}$/)
const sentence = fc.array(word, { minLength: 5, maxLength: 20 }).map((words) => `${words.join(' ')}.`)
const paragraph = fc.array(sentence, { minLength: 3, maxLength: 8 }).map((sentences) => sentences.join(' '))
const text = fc.array(paragraph, { minLength: 3, maxLength: 8 }).map((paragraphs) => paragraphs.join('\n\n'))
export interface Corpus {
  readonly documents: number
  readonly media: number
  readonly mediaBytesMax: number
}

/** Writes files that are the same for the same seed: Markdown documents that link to each other, and media. */
export async function writeCorpus(folder: string, seed: number, corpus: Corpus): Promise<void> {
  const { documents, media, mediaBytesMax } = corpus
  for (const [n, body] of fc.sample(text, { seed, numRuns: documents }).entries()) {
    const next = (n + 1) % documents
    const link = `[the next](../part-${next % 7}/document-${next}.md)`
    await put(folder, `part-${n % 7}/document-${n}.md`, `# Document ${n}\n\n${body}\n\nSee ${link}.\n`)
  }
  const bytesOfMedia = fc.uint8Array({ minLength: 1_000, maxLength: mediaBytesMax, size: 'max' })
  for (const [n, bytes] of fc.sample(bytesOfMedia, { seed, numRuns: media }).entries()) {
    bytes[0] = 0 // so that it never passes for text
    await put(folder, `media/picture-${n}.bin`, bytes)
  }
}

async function put(folder: string, path: string, content: string | Uint8Array): Promise<void> {
  const file = join(folder, path)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, content)
}
