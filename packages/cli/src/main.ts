#!/usr/bin/env node
import { run } from './command/run.ts'
import { processTerminal } from './command/terminal.ts'

const terminal = processTerminal()
const exitCode = await run(process.argv.slice(2), terminal)
// Ends once all is said, without waiting for connections that fetch keeps open for a while.
process.stdout.write('', () => process.exit(exitCode))
