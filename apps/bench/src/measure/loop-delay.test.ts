import { describe, expect, it } from 'vitest'
import { LoopDelay } from './loop-delay.ts'

function block(ms: number): void {
  const endAt = performance.now() + ms
  while (performance.now() < endAt);
}

describe('the delay of the event loop', () => {
  it('counts a single block in full, though it begins and ends with the measurement', async () => {
    const loopDelay = await LoopDelay.start()
    block(80)
    const { loop_delay_max: max, loop_delay_p99: p99 } = await loopDelay.stop()
    expect(max?.value).toBeGreaterThan(75)
    expect(p99?.value).toBeGreaterThan(75)
  })

  it('does not count what came before', async () => {
    block(300)
    const loopDelay = await LoopDelay.start()
    const { loop_delay_max: max } = await loopDelay.stop()
    expect(max?.value).toBeLessThan(250)
  })
})
