import type { Suite } from '../suite.ts'
import { cases } from './cases.ts'
import { signalsObstacle } from './obstacle.ts'
import { ratios } from './ratios.ts'

/** What the signals extension gives, beside SQLite's own ways, and what it costs where it has nothing to do. */
export const signals: Suite = { name: 'signals', cases, ratios, aims: [], obstacle: signalsObstacle }
