import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import ts from 'typescript'

const root = resolve(import.meta.dirname, '../..')

t.setTimeout(600_000)

/** Whether a file does something when it is started: it has a statement that only declares nothing. */
function isStarted (file: string): boolean {
  const source = ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.Latest)
  return source.statements.some(statement => ts.isExpressionStatement(statement) || ts.isIfStatement(statement) ||
    ts.isForOfStatement(statement) || ts.isForStatement(statement) || ts.isTryStatement(statement))
}

async function start (file: string, option: string) {
  const child = spawn(process.execPath, [join(root, file), option], { stdio: ['ignore', 'pipe', 'pipe'] })
  const [output, said, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { output, said, code: code as number | null }
}

const files = globSync(['bench/*.ts', 'scripts/*.ts', 'scripts/{demo,soak}/main.ts'], { cwd: root }).filter(isStarted)

t.test('whatever can be started in bench and scripts says with --help what it does, and names an option that there is not', async t => {
  t.ok(files.length > 20, String(files.length))
  for (const file of files) {
    const [help, mistake] = await Promise.all([start(file, '--help'), start(file, '--no-such-option')])
    t.equal(help.code, 0, `${file}: ${help.said}`)
    t.match(help.output, /^\S.*\n[^]*^ {2}(npm run|node) /m, `${file}: an example`)
    t.equal(mistake.code, file.startsWith('bench/') ? 2 : 64, file)
    t.match(mistake.said, /unknown option '?--no-such-option/i, file)
    t.ok(mistake.said.endsWith(help.output), `${file}: what there is`)
    t.notMatch(mistake.said, /^ {4}at /m, `${file}: no stack`)
    t.equal(mistake.output, '', `${file}: nothing is done`)
  }
})
