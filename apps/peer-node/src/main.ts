#!/usr/bin/env node
import { run } from './cli/run.ts'

const exitCode = await run(process.argv.slice(2))
// Ends once all is said, without waiting for timers that libp2p leaves behind.
process.stdout.write('', () => process.exit(exitCode))
