import type { WriteOptions } from '../database/types.ts'
import type { Ticket } from '../mailbox/ticket.ts'
import type { JobProcedure, ReadProcedure, WriteProcedure } from './define.ts'

/** A module of procedures: every export that `write()` or `read()` made is one; the rest is ignored. */
export type ProcedureModule = Record<string, unknown>

declare const moduleType: unique symbol

/** Where a module of procedures lies, and its type. Made by {@link procedures}. */
export interface ProceduresReference<Module> {
  readonly url: string
  readonly [moduleType]?: Module
}

/** The modules of an app, by the name the app gave each. */
export type ProcedureModules = Record<string, ProceduresReference<unknown>>

/** A writing procedure to hand on: its name, which is also its default label (`peers.upsert`), and its call. */
export interface ProcedureReference<Input, Output> {
  readonly name: string
  readonly call: (input: Input, options?: WriteOptions) => Ticket<Output>
}

type OfKind<Module, Kind> = {
  [Name in keyof Module as Module[Name] extends Kind ? Name : never]: Module[Name]
}

/** The writing procedures of each module, by name. */
export type WritesOf<Modules extends ProcedureModules> = {
  [Name in keyof Modules]: Modules[Name] extends ProceduresReference<infer Module>
    ? OfKind<Module, WriteProcedure<never, unknown>>
    : never
}

/** The reading procedures of each module, by name. */
export type ReadsOf<Modules extends ProcedureModules> = {
  [Name in keyof Modules]: Modules[Name] extends ProceduresReference<infer Module>
    ? OfKind<Module, ReadProcedure<never, unknown>>
    : never
}

/** The jobs of each module, by name. */
export type JobsOf<Modules extends ProcedureModules> = {
  [Name in keyof Modules]: Modules[Name] extends ProceduresReference<infer Module>
    ? OfKind<Module, JobProcedure<never, unknown>>
    : never
}

/**
 * Points at a module of procedures. The threads load it; the app imports only its type.
 *
 * @example
 * procedures<typeof import('./procedures.ts')>(new URL('./procedures.ts', import.meta.url))
 */
export function procedures<Module>(url: URL): ProceduresReference<Module> {
  return { url: url.href }
}
