import { readVersion } from '../rivals/version.ts'

process.send?.(readVersion(), () => process.disconnect())
