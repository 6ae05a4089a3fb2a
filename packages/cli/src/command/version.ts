import { createRequire } from 'node:module'

/** This package's version, as its manifest says. */
export function readVersion(): string {
  const manifest = createRequire(import.meta.url)('../../package.json') as { readonly version: string }
  return manifest.version
}
