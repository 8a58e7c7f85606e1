import { anyHint } from '../../src/contracts/hints.ts'
import type { LogRecord } from '../../src/contracts/record.ts'
import { shape, type Verdict } from '../../src/contracts/verdict.ts'
import { createPlainAccess, type PlainAccessFormat } from '../../src/formats/apache-access.ts'

const rule = { name: 'test', class: 'app' } as const

/** Of a line that is text. */
export const textVerdict: Verdict = {
  rule, shape: shape.text, isJsonLine: false, hints: anyHint, access: undefined, places: undefined,
}

/** Of a line that is strict JSON. */
export const jsonVerdict: Verdict = {
  rule, shape: shape.json, isJsonLine: true, hints: anyHint, access: undefined, places: undefined,
}

/** As the classifier finds out about access lines that are not JSON; any other line is taken for JSON. */
export function createAccessVerdict (format: PlainAccessFormat): (record: LogRecord) => Verdict {
  const access = createPlainAccess(format)
  return ({ bytes, start, end }) => {
    const plain = { rule, shape: shape.plainAccess, isJsonLine: false, hints: anyHint, access, places: undefined }
    return access.read(bytes, start, end) ? plain : jsonVerdict
  }
}
