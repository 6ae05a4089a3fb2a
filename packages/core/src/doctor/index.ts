export { hung } from '../telemetry/text/findings.ts'
export { clean, type Page, pageOf, type TextOptions } from '../telemetry/text/terminal.ts'
export { bytesOf, countOf, many, percentOf } from '../telemetry/verdict/words.ts'
export type { TableShape } from './advise.ts'
export type { FilesBeside } from './files-beside.ts'
export { type InspectOptions, inspectFile } from './inspect-file.ts'
export type {
  FileCheck,
  FileInspection,
  FileSettings,
  LeftBeside,
  OwnTables,
  StatementPlan,
} from './types.ts'
