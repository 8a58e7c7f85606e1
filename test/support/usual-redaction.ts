import { loadConfig } from '../../src/config/load.ts'
import type { RedactorOptions } from '../../src/redact/redactor.ts'

const { redact } = loadConfig({ env: {}, readFile: () => '' }).config

/** What is redacted where no setting says otherwise. */
export const usualRedaction: RedactorOptions = {
  cards: true,
  authentication: true,
  secretKeys: redact.keys,
  idKeys: redact.idKeys,
  emails: false,
  clientKeys: [],
  patterns: [],
}
