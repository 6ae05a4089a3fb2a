/**
 * Settings for a property test: a seed, which it prints, and a number of runs. `LOCKKEEPER_SEED` repeats a run.
 *
 * @example
 * fc.assert(fc.property(fc.nat(), holds), seeded('lane against array', 500))
 */
export function seeded(name: string, numRuns: number): { readonly seed: number; readonly numRuns: number } {
  const given = process.env.LOCKKEEPER_SEED
  const seed = given === undefined ? Math.trunc(Math.random() * 2 ** 31) : Number(given)
  console.info(`${name}: LOCKKEEPER_SEED=${seed}`)
  return { seed, numRuns }
}
