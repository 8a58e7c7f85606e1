import { setFlagsFromString } from 'node:v8'

/**
 * Flags of V8 for a process that reads lines. Called once what it is made of has been loaded, and before a pattern of
 * the settings is used: from the first of them on, V8 refuses the compiled code that Node brings of its own modules.
 */
export function setV8Flags (): void {
  // The young generation stays at its first size. The hot path makes next to no garbage, so a larger one only takes
  // memory from the application; `--max-semi-space-size` does the same, but only where the process is started.
  setFlagsFromString('--semi-space-growth-factor=1')
  // An idle process would go through its whole heap every other minute, for a few MB: a third of what being idle costs.
  setFlagsFromString('--gc-memory-reducer-start-delay-ms=600000')
  // A pattern of the settings that would try for ever on some line is finished by V8's other engine, in linear time.
  // Source: https://v8.dev/blog/non-backtracking-regexp
  setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks')
}

// Tested in test/cli/load.test.ts
