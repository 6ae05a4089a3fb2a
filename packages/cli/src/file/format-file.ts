import { formatFindings } from '@lockkeeper/core'
import {
  bytesOf,
  clean,
  countOf,
  type FileInspection,
  hung,
  many,
  type Page,
  pageOf,
  percentOf,
  type TextOptions,
} from '@lockkeeper/core/doctor'
import { processesListedMax, statementsListedMax } from '../limits.ts'
import type { FileFinding } from './finding.ts'
import type { Surroundings } from './surroundings.ts'

type Fact = readonly [name: string, ...values: string[]]

export interface SeenFile {
  readonly inspection: FileInspection
  readonly surroundings: Surroundings
  readonly findings: readonly FileFinding[]
  /** Whether a report's slow statements were to be planned, be there any or not. */
  readonly hasReport: boolean
}

/** What was seen of a file and what is wrong with it, as text for a terminal. */
export function formatFile(
  { inspection, surroundings, findings, hasReport }: SeenFile,
  options: TextOptions,
): string {
  const page = pageOf(options)
  const verdict =
    findings.length === 0
      ? page.paint('bold', 'Verdict: nothing stands out')
      : formatFindings(findings, options)
  const facts = [
    ...settingsFacts(inspection),
    ...besideFacts(inspection, surroundings),
    ...ownFacts(inspection),
    ...checkFacts(inspection),
    ...(hasReport ? statementFacts(inspection) : []),
    ...lookFacts(inspection),
  ]
  return [
    page.paint('bold', clean(inspection.file)),
    ...facts.flatMap((fact) => factLines(fact, page)),
    '',
    verdict,
  ].join('\n')
}

const nameColumns = 16

function factLines([name, ...values]: Fact, page: Page): string[] {
  return values.flatMap((value, at) =>
    hung(`  ${(at === 0 ? name : '').padEnd(nameColumns)}`, ' '.repeat(nameColumns + 2), value, page),
  )
}

function settingsFacts({ settings, files, sqlite }: FileInspection): Fact[] {
  const { journalMode, pageBytes, pages, freePages, autoVacuum, userVersion, applicationId } = settings
  if (pages === 0) return [['size', `${bytesOf(files.file)}: an empty file, no database yet`]]
  const keys = settings.tablesWithForeignKeys.length
  return [
    ['journal mode', journalMode === 'wal' ? 'wal' : `${journalMode} (a rollback journal)`],
    [
      'size',
      `${bytesOf(files.file)}${(files.wal ?? 0) > 0 ? '; with what the log holds' : ':'} ${many(pages, 'page')} of ${bytesOf(pageBytes)}, ${countOf(freePages)} of them free (${percentOf(freePages, pages)}); auto_vacuum ${autoVacuum}`,
    ],
    [
      'marks',
      `user_version ${userVersion}, application_id ${applicationId}, ${settings.encoding}; statistics for the planner: ${settings.hasStatistics ? 'yes' : 'none, ANALYZE was never run'}`,
    ],
    [
      'foreign keys',
      keys === 0
        ? 'none declared'
        : `declared by ${many(keys, 'table')}; whether they are enforced each connection says for itself`,
    ],
    ['synchronous', 'can’t be seen from outside: each connection has its own'],
    ['SQLite', `${sqlite} looked at it; the versions that the other programs use can’t be seen`],
  ]
}

function besideFacts({ files }: FileInspection, { fileSystem, open }: Surroundings): Fact[] {
  const beside = (['wal', 'shm', 'journal', 'signals'] as const).flatMap((key) => {
    const bytes = files[key]
    return bytes === undefined ? [] : [`-${key === 'signals' ? 'lockkeeper' : key} ${bytesOf(bytes)}`]
  })
  return [
    ['beside it', beside.length === 0 ? 'nothing: no log, no journal' : beside.join(', ')],
    ['file system', fileSystem?.name ?? 'not known on this system'],
    ['open in', ...openLines(open)],
  ]
}

function openLines(open: Surroundings['open']): string[] {
  if (!open.known) return ['not known on this system: `lsof FILE FILE-wal FILE-shm` tells']
  const { processes, hidden } = open
  const unseen =
    hidden === 0
      ? []
      : [`${countOf(hidden)} process${hidden === 1 ? '' : 'es'} of other users can’t be looked at`]
  if (processes.length === 0)
    return [hidden === 0 ? 'no other process' : 'no process that this user may look at', ...unseen]
  const listed = processes
    .slice(0, processesListedMax)
    .map(({ pid, command, files }) => `${pid} (${files.join(', ')}): ${command}`)
  const rest = processes.length - listed.length
  return [...listed, ...(rest > 0 ? [`and ${countOf(rest)} more`] : []), ...unseen]
}

function ownFacts({ own }: FileInspection): Fact[] {
  if (own === undefined) return [['Lockkeeper', 'has not been here: none of its tables']]
  const { migrations, jobs, jobsUnfinished } = own
  const sets = migrations.map(({ set, id, name }) => `${set} ${id} (${name})`)
  const facts: Fact[] = [
    ['Lockkeeper', `${own.tables.join(', ')}`],
    ['migrations', sets.length === 0 ? 'none' : `newest of each set: ${sets.join(', ')}`],
  ]
  if (jobsUnfinished === 0) return [...facts, ['jobs', 'none unfinished']]
  const listed = jobs.map(({ id, procedure, status, steps, done, total }) => {
    const progress =
      done === undefined ? '' : `, ${countOf(done)}${total === undefined ? '' : ` of ${countOf(total)}`} done`
    return `${id}: ${procedure}, ${status} after ${many(steps, 'step')}${progress}`
  })
  const rest = jobsUnfinished - listed.length
  return [...facts, ['jobs unfinished', ...listed, ...(rest > 0 ? [`and ${countOf(rest)} more`] : [])]]
}

function checkFacts({ check }: FileInspection): Fact[] {
  if (check === undefined) return [['check', 'not asked for: --check reads the file and looks for damage']]
  const { isWhole, problems, tablesChecked, tablesLeft } = check
  const what = isWhole ? 'the whole file' : `${many(tablesChecked, 'table')}, each by itself,`
  const left = tablesLeft.length === 0 ? '' : `; not looked at, for want of time: ${tablesLeft.join(', ')}`
  return [
    ['check', `${what} looked at, ${problems.length === 0 ? 'no damage found' : 'damage found'}${left}`],
  ]
}

function statementFacts({ statements }: FileInspection): Fact[] {
  if (statements.length === 0) return [['statements', 'the report has none that were slow']]
  const refused = statements.flatMap((statement) => (statement.plan === undefined ? [statement] : []))
  const scanning = statements.filter(
    (statement) => statement.plan !== undefined && statement.scan !== undefined,
  )
  const lines = [
    `${many(statements.length, 'slow statement')} of the report planned on this file, none run: ${countOf(scanning.length)} read a whole table`,
    ...refused.slice(0, statementsListedMax).map(({ sql, refused: why }) => `cannot tell (${why}): ${sql}`),
  ]
  const rest = refused.length - statementsListedMax
  return [['statements', ...lines, ...(rest > 0 ? [`and ${countOf(rest)} more that can’t be planned`] : [])]]
}

function lookFacts({ opened, left }: FileInspection): Fact[] {
  const how =
    opened === 'read-only'
      ? 'opened read-only'
      : 'opened to query only: a read-only look would have left a log beside a file in WAL mode'
  const changes = left.map(
    ({ name, change, bytes }) => `${name} ${change}${change === 'went' ? '' : ` (${bytesOf(bytes)})`}`,
  )
  return [
    [
      'this look',
      how,
      changes.length === 0
        ? 'left nothing beside the file, and took nothing away'
        : `beside the file, since: ${changes.join(', ')}`,
    ],
  ]
}
