import { createByteSet } from '../bytes/ascii.ts'
import { mayLeadDigit } from '../bytes/hint-notes.ts'
import type { LineLooks } from '../contracts/hints.ts'
import { plainKindOf } from './card-scan.ts'
import { isBoundary, isOfWord, mayCloseKey } from './key-before.ts'
import type { SensitiveKeys } from './sensitive-keys.ts'

/** What is looked at where these keys are sensitive, and card numbers are looked for or not. */
export function lineLooks (
  keys: SensitiveKeys, findsCards: boolean, holdsCard: LineLooks['holdsCard']
): LineLooks {
  return {
    isOfWord,
    mayCloseKey,
    isBoundary,
    isHexDigit: createByteSet(/[0-9A-Fa-f]/),
    isDigit: createByteSet(/[0-9]/),
    mayLeadDigit,
    isOfCard: findsCards ? plainKindOf : undefined,
    holdsCard,
    mayEnd: keys.mayEnd,
    hasShortKey: keys.hasShort,
  }
}

// Tested in test/pipeline/ordinary-frames.test.ts
