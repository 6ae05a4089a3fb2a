import type { Finding, Severity } from '../verdict/finding.ts'
import { many } from '../verdict/words.ts'
import { clean, heading, type Page, pageOf, type Style, type TextOptions, wrap } from './terminal.ts'

const styles: Readonly<Record<Severity, Style>> = { high: 'red', medium: 'yellow', low: 'cyan' }

/** The doctor's findings about a file have kinds of their own. */
type Told = Omit<Finding, 'kind'> & { readonly kind: string }

/**
 * Findings as text for a terminal: each with what it rests on and what to change.
 *
 * @example
 * console.log(formatFindings(diagnose(report), { color: process.stdout.isTTY }))
 */
export function formatFindings(findings: readonly Told[], options: TextOptions = {}): string {
  return findingLines(findings, pageOf(options)).join('\n')
}

export function findingLines(findings: readonly Told[], page: Page): string[] {
  if (findings.length === 0) return [heading(page, 'Verdict: nothing stands out')]
  return [
    heading(page, `Verdict: ${many(findings.length, 'finding')}, most serious first`),
    ...findings.flatMap((finding, at) => ['', ...linesOf(finding, at + 1, page)]),
  ]
}

function linesOf(finding: Told, number: number, page: Page): string[] {
  const { kind, severity, headline, evidence, remedy } = finding
  return [
    `${page.paint('bold', `${number}.`)} ${page.paint(styles[severity], `${severity} ${kind}`)}`,
    ...hung('   ', '   ', headline, page).map((line) => page.paint('bold', line)),
    ...evidence.flatMap((line) => hung('   - ', '     ', line, page)),
    ...hung('   > ', '     ', remedy, page),
  ]
}

/** Lines below the first stand below its text. */
export function hung(lead: string, indent: string, text: string, { width }: Page): string[] {
  return wrap(clean(text), width - Math.max(lead.length, indent.length)).map(
    (line, at) => (at === 0 ? lead : indent) + line,
  )
}
