// The face of the build; compile.ts does it.
import { compileMsMax } from './limits.ts'
import { nativeFolder } from './places.ts'

export interface BuildOptions {
  /** Compiler flags after our own, such as `-fsanitize=address`. */
  readonly flags?: readonly string[] | undefined
  /** Another file to build: a name in the package's folder `build/`, or an absolute path. */
  readonly output?: string | undefined
}

/**
 * Why there is no build: `unsupported` says that this machine has not what it takes (no compiler, no SQLite header,
 * Windows); `failed` that it tried and something went wrong.
 */
export type BuildFailure = 'unsupported' | 'failed'

export type BuildResult =
  /** `compiled` is false if what was there is up to date. */
  | { readonly built: true; readonly path: string; readonly compiled: boolean }
  | { readonly built: false; readonly failure: BuildFailure; readonly reason: string }

/**
 * Compiles the extension, unless what is there was made from the same sources by the same compiler with the same flags.
 * The compiler is the one that `CC` names, else `cc`, `gcc` or `clang`. The new file takes its place whole, so it can be
 * built while processes use the old one.
 *
 * It needs better-sqlite3 beside it, which brings SQLite's header. It doesn't throw for what a machine may lack.
 *
 * @example
 * const result = await buildSignals()
 * if (!result.built) console.warn(result.reason)
 */
export async function buildSignals(options: BuildOptions = {}): Promise<BuildResult> {
  // Only now: every thread that uses the extension loads this file, and none of them builds.
  const { buildIn } = await import('./compile.ts')
  const { env: environment, platform } = process
  return buildIn({ sources: nativeFolder, environment, platform, runMsMax: compileMsMax }, options)
}
