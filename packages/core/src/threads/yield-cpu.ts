import { constants, platform, setPriority } from 'node:os'

/** On Linux a priority is the thread’s own; elsewhere it would be the whole process’s, and stays as it is. */
export function yieldCpu(): void {
  if (platform() === 'linux') setPriority(0, constants.priority.PRIORITY_LOW)
}
