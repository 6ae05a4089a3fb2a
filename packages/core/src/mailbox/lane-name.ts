/** A class of writes, most urgent first: somebody waits for it; bulk that must arrive; best effort. */
export type LaneName = 'user' | 'sync' | 'background'

/** Most urgent first. */
export const laneNames = ['user', 'sync', 'background'] as const satisfies readonly LaneName[]
