/**
 * Milliseconds of the system's monotonic clock. All processes of a machine read the same one, so that what one saw and what
 * another saw can be compared; `performance.now()` begins anew in each.
 */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}
