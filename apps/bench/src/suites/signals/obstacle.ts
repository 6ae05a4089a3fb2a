import { SideProcess } from '../../processes/side-process.ts'

/** Why the extension can't be used, in one line; undefined if it can. It is tried in a process of its own. */
export async function signalsObstacle(): Promise<string | undefined> {
  await using probe = new SideProcess(new URL('./probe-process.ts', import.meta.url))
  const { obstacle } = (await probe.next()) as ProbeAnswer
  await probe.ended()
  return obstacle
}

export interface ProbeAnswer {
  readonly obstacle?: string | undefined
}
