import { readFileSync } from 'node:fs'

interface Manifest { readonly version: string }

/** The version in package.json, which releases are named after. */
export const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as Manifest

// Tested in test/cli/command-line.test.ts
