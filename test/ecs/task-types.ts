import { join } from 'node:path'
import ts from 'typescript'

const file = join(import.meta.dirname, 'task.generated.ts')

const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2024,
  module: ts.ModuleKind.NodeNext,
  strict: true,
  skipLibCheck: true,
  noEmit: true,
  types: [],
}

/** What is wrong with each JSON text as input of RegisterTaskDefinition, by the types of the AWS SDK. */
export function typeMistakes (texts: readonly string[]): string[][] {
  const head = 'import type { RegisterTaskDefinitionCommandInput as Input } from \'@aws-sdk/client-ecs\'\n'
  let source = head
  // Where each text ends in the file: one compilation for all, since reading the SDK takes most of the time.
  const ends = texts.map(text => {
    source += `;(${text}) satisfies Input\n`
    return source.length
  })
  const host = ts.createCompilerHost(options)
  const { getSourceFile, fileExists } = host
  host.fileExists = name => name === file || fileExists(name)
  host.getSourceFile = (name, ...rest) =>
    name === file ? ts.createSourceFile(name, source, ts.ScriptTarget.ES2024) : getSourceFile(name, ...rest)
  const program = ts.createProgram({ rootNames: [file], options, host })
  const found: string[][] = texts.map(() => [])
  for (const { start = 0, messageText } of ts.getPreEmitDiagnostics(program)) {
    const text = ts.flattenDiagnosticMessageText(messageText, '\n')
    // Not in any of the texts: the check itself does not work.
    if (start < head.length) throw new Error(text)
    found[ends.findIndex(end => start < end)]?.push(text)
  }
  return found
}
