export { run } from './command/run.ts'
export type { Terminal } from './command/terminal.ts'
export type { FileFinding, FileFindingKind } from './file/finding.ts'
