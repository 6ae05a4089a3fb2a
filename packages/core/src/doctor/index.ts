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
