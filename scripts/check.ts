import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { scriptArguments } from './arguments.ts'

/** The scripts of package.json whose names begin with `check:`, as name and command. */
export function checksOf (packageJson: string): readonly (readonly [string, string])[] {
  const { scripts } = JSON.parse(packageJson) as { readonly scripts: Readonly<Record<string, string>> }
  return Object.entries(scripts).filter(([name]) => name.startsWith('check:'))
}

/**
 * Runs all of them side by side: they share the cores, and the longest decides. When one has ended it prints how that
 * went, and what was said only when something was found.
 */
export async function runChecks (
  checks: readonly (readonly [string, string])[], print: (text: string) => void
): Promise<boolean> {
  const outcomes = checks.map(async ([name, command]) => {
    const startMs = performance.now()
    const child = spawn(command, { shell: true, stdio: ['ignore', 'pipe', 'pipe'] })
    const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
    const seconds = ((performance.now() - startMs) / 1000).toFixed(1)
    print(code === 0 ? `${name}: ok, ${seconds} s\n` : `${stdout}${stderr}${name}: not ok, ${seconds} s\n`)
    return code === 0
  })
  return (await Promise.all(outcomes)).every(isOk => isOk)
}

const help = `Types, lint and generated files, side by side: what package.json has as check:….

  npm run check
`

if (import.meta.main) {
  scriptArguments(help, {}, 'none')
  const packageJson = readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')
  const isOk = await runChecks(checksOf(packageJson), text => { process.stdout.write(text) })
  process.exitCode = isOk ? 0 : 1
}
