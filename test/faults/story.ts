import type { InjectedFault } from './control.ts'

/** What became of one write. */
export interface WriteStory {
  readonly id: number
  readonly outcome: string
  readonly code: string | undefined
  readonly retryable: boolean | undefined
}

/** What one fault came to. */
export interface FaultStory {
  readonly fault: InjectedFault
  /** Calls that it made fail. */
  injected: number
  readonly writes: WriteStory[]
  readonly readCodes: Set<string>
  readonly states: Set<string>
  /** With what an opening under the fault was refused, if it was. */
  openCode?: string
}
