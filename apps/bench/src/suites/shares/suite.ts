import { signalsObstacle } from '../signals/obstacle.ts'
import type { Suite } from '../suite.ts'
import { cases } from './cases.ts'
import { ratios } from './ratios.ts'

/** How two processes with a Lockkeeper each share one file. */
export const shares: Suite = { name: 'shares', cases, ratios, aims: [], obstacle: signalsObstacle }
