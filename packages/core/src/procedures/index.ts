export type {
  Aggregate,
  ConnectionRole,
  ConnectionSetup,
  FunctionOptions,
  SetupFunction,
} from './connection-setup.ts'
export type {
  Changes,
  JobProcedure,
  JobStep,
  JobYield,
  ReadProcedure,
  ReadTransaction,
  SqlParameters,
  SqlValue,
  WriteProcedure,
  WriteTransaction,
} from './define.ts'
export { job, read, write } from './define.ts'
