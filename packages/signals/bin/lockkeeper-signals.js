#!/usr/bin/env node
// The command as it is published. In the workspace, Node runs src/cli.ts as it is.
import '../dist/cli.js'
