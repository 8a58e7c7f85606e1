import { parseArgs, type ParseArgsOptionsConfig } from 'node:util'

/** Numbers and words of the command line, each with what it is unless given. `--help` prints `help` and ends. */
export function readArguments<Given extends Readonly<Record<string, number | string>>> (
  help: string, fallbacks: Given
): Read<Given> {
  const options: ParseArgsOptionsConfig = { help: { type: 'boolean', short: 'h' } }
  for (const [name, value] of Object.entries(fallbacks)) options[name] = { type: 'string', default: String(value) }
  try {
    const { values } = parseArgs({ options })
    if (values['help'] === true) {
      process.stdout.write(help)
      process.exit()
    }
    return readAs(fallbacks, values as Readonly<Record<string, string>>)
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${help}`)
    process.exit(2)
  }
}

type Read<Given> = { readonly [Name in keyof Given]: Given[Name] extends number ? number : string }

function readAs<Given extends Readonly<Record<string, number | string>>> (
  fallbacks: Given, given: Readonly<Record<string, string>>
): Read<Given> {
  return Object.fromEntries(Object.entries(fallbacks).map(([name, fallback]) => {
    const text = given[name] ?? ''
    if (typeof fallback === 'string') return [name, text]
    if (!/^\d+$/.test(text)) throw new RangeError(`--${name}: expected a number, found '${text}'`)
    return [name, Number(text)]
  })) as Read<Given>
}

/** What is being done, for whoever waits. */
export function say (words: string): void {
  process.stderr.write(`${words}\n`)
}
