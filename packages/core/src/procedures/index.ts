export type {
  Changes,
  ReadProcedure,
  ReadTransaction,
  SqlParameters,
  SqlValue,
  WriteProcedure,
  WriteTransaction,
} from './define.ts'
export { read, write } from './define.ts'
