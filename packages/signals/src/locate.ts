// Finds the extension's file. A prebuilt one comes first: it was tested as it is, a local build was not.
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { buildFolder, libraryName, notOnWindows } from './places.ts'

/** Where the extension is, or why there is none. */
export type SignalsLocation =
  | { readonly path: string }
  | { readonly path: undefined; readonly reason: string }

/** What decides where the extension is looked for. */
export interface Surroundings {
  /** The environment variable `LOCKKEEPER_SIGNALS`. */
  readonly setting: string | undefined
  readonly platform: NodeJS.Platform
  readonly arch: string
  readonly isMusl: () => boolean
  /** The module from which a carrier package is resolved: a path or a `file:` URL. */
  readonly from: string
  readonly buildFolder: string
}

/**
 * Finds the extension: what the environment variable `LOCKKEEPER_SIGNALS` names, else the prebuilt package for this
 * platform, else the local build that `lockkeeper-signals build` makes. `LOCKKEEPER_SIGNALS=off` turns it off.
 *
 * It looks whether the file exists, not whether it can be loaded. It never throws.
 *
 * @example
 * const location = locateSignals()
 * if (location.path === undefined) console.warn(`without signals: ${location.reason}`)
 * else Signals.load(connection, location.path)
 */
export function locateSignals(): SignalsLocation {
  return locateIn({
    setting: process.env.LOCKKEEPER_SIGNALS,
    platform: process.platform,
    arch: process.arch,
    isMusl,
    from: import.meta.url,
    buildFolder,
  })
}

/** The same, with everything it depends on handed in. */
export function locateIn(surroundings: Surroundings): SignalsLocation {
  const { setting = '', platform, arch } = surroundings
  if (setting === 'off') return { path: undefined, reason: 'turned off by LOCKKEEPER_SIGNALS' }
  if (setting !== '' && setting !== 'on') {
    // Absolute, because the system's loader looks for a bare name in folders of its own.
    const path = resolve(setting)
    if (existsSync(path)) return { path }
    return { path: undefined, reason: `LOCKKEEPER_SIGNALS names ${path}, which is not there` }
  }
  const library = libraryName(platform)
  if (library === undefined) return { path: undefined, reason: notOnWindows }
  const path = carriedIn(surroundings, library) ?? join(surroundings.buildFolder, library)
  if (existsSync(path)) return { path }
  return {
    path: undefined,
    reason: `there is no signals extension for ${platform}-${arch} yet: run \`npx lockkeeper-signals build\`, which needs a C compiler`,
  }
}

/** The extension in the package that carries it for this platform, if that is installed. */
function carriedIn({ platform, arch, isMusl, from }: Surroundings, library: string): string | undefined {
  const suffix = platform === 'linux' && isMusl() ? '-musl' : ''
  try {
    const path = createRequire(from).resolve(`@lockkeeper/signals-${platform}-${arch}${suffix}/${library}`)
    return existsSync(path) ? path : undefined
  } catch {
    return undefined
  }
}

/**
 * Whether this Node runs on musl (Alpine), whose libraries can't be mixed with glibc's: its loader is mapped into the
 * process. `process.report` tells it too, but waits for what all worker threads run at the time, a long read included.
 */
function isMusl(): boolean {
  try {
    return /\/ld-musl-[^/\s]*\.so/.test(readFileSync('/proc/self/maps', 'latin1'))
  } catch {
    return existsSync('/etc/alpine-release')
  }
}
