import { styleText } from 'node:util'
import type { Io } from './io.ts'

export type Paint = (format: 'bold' | 'dim' | 'green' | 'yellow' | 'red' | 'cyan', text: string) => string

/** Colours text where `output` is a terminal, unless NO_COLOR is set. */
export function painter (output: { readonly isTTY?: boolean }, env: Io['env']): Paint {
  const hasColours = output.isTTY === true && (env['NO_COLOR'] ?? '') === ''
  return (format, text) => hasColours && text !== '' ? styleText(format, text, { validateStream: false }) : text
}

// Tested in test/cli/check.test.ts
