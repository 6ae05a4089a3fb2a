import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where the package lies; the same from `src/` and from `dist/`. */
export const packageFolder = fileURLToPath(new URL('..', import.meta.url))

/** Where the C sources lie. */
export const nativeFolder = join(packageFolder, 'native')

/** Where a local build goes. */
export const buildFolder = join(packageFolder, 'build')

/** The extension's file name; undefined where there is no extension. */
export function libraryName(platform: NodeJS.Platform): string | undefined {
  if (platform === 'win32') return undefined
  return `lockkeeper-signals.${platform === 'darwin' ? 'dylib' : 'so'}`
}

/** Said wherever somebody asks for the extension on Windows. */
export const notOnWindows = 'the signals extension does not exist for Windows'
