import { parseArgs, type ParseArgsOptionsConfig } from 'node:util'

type Fallbacks = Readonly<Record<string, number | string | readonly number[]>>

/**
 * Numbers, lists of them and words of the command line, each with what it is unless given. `--help` prints `help` and
 * ends.
 */
export function readArguments<Given extends Fallbacks> (
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
    return mistake((error as Error).message, help)
  }
}

/** The command line cannot be understood: says why, and what would be. */
export function mistake (words: string, help: string): never {
  process.stderr.write(`${words}\n\n${help}`)
  process.exit(2)
}

/** Options that take no other words, in whichever bench. */
const words: Readonly<Record<string, readonly string[]>> = { workload: ['mixed', 'traces'], mode: ['message', 'packed'] }

type Read<Given> = {
  readonly [Name in keyof Given]: Given[Name] extends number
    ? number
    : Given[Name] extends string ? string : readonly number[]
}

function readAs<Given extends Fallbacks> (
  fallbacks: Given, given: Readonly<Record<string, string>>
): Read<Given> {
  return Object.fromEntries(Object.entries(fallbacks).map(([name, fallback]) => {
    const text = given[name] ?? ''
    const allowed = words[name]
    if (allowed?.includes(text) === false) throw new RangeError(`--${name}: expected ${allowed.join(' or ')}, found '${text}'`)
    if (typeof fallback === 'string') return [name, text]
    const isOne = typeof fallback === 'number'
    const numbers = isOne ? [text] : text.split(',')
    if (numbers.every(number => /^\d+$/.test(number))) return [name, isOne ? Number(text) : numbers.map(Number)]
    throw new RangeError(`--${name}: expected a number${isOne ? '' : ', or several with commas'}, found '${text}'`)
  })) as Read<Given>
}

/** What is being done, for whoever waits. */
export function say (words: string): void {
  process.stderr.write(`${words}\n`)
}
