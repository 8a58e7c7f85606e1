import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

const root = join(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')

/** What stands between the parentheses that open before `start`. */
function argumentsAt (code: string, start: number): string {
  let depth = 1
  let end = start
  for (; depth > 0 && end < code.length; end++) {
    if (code[end] === '(') depth++
    if (code[end] === ')') depth--
  }
  return code.slice(start, end - 1)
}

/** The messages of a call of the log, the last of its arguments: as they stand there, or as constants of the file. */
function messagesOf (code: string, given: string): string[] {
  const last = /(?:^|[\s,])([\w$]+)\s*$/.exec(given)?.[1]
  if (last === undefined) return [/'([^']+)'\s*$/.exec(given)?.[1] ?? []].flat()
  const constant = new RegExp(`const ${last} = ([^\\n]*(?:\\n +[?:][^\\n]*|\\n +'[^\\n]*)*)`).exec(code)?.[1] ?? ''
  // Parts of one sentence, or the sentences between which it chooses.
  return [...constant.matchAll(/(?<!\+\s*)'([^']+)'/g)].map(([, words = '']) => words)
}

t.test('every warning and error of the log is in the manual, by the words in front of its first colon or comma', t => {
  const messages = globSync('src/**/*.ts', { cwd: root }).flatMap(path => {
    const code = read(path)
    return [...code.matchAll(/\b#?log\.(?:warn|error)\(/g)]
      .flatMap(({ index, 0: { length } }) => messagesOf(code, argumentsAt(code, index + length)))
  })
  const heads = new Set(messages.map(message => message.split(/[:,]/)[0] ?? ''))
  t.ok(heads.size > 60, `${heads.size} messages`)
  const page = read('docs/log.md')
  t.same([...heads].filter(head => !page.includes(`\`${head}`)), [])
  t.end()
})
