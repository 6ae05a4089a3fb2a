import { sayLast } from '../processes/in-side-process.ts'
import { readVersion } from '../rivals/version.ts'

sayLast(readVersion())
