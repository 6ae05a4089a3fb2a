#!/usr/bin/env node
// The command as it is published. In the workspace, Node runs src/main.ts as it is.
import '../dist/main.js'
