import { SluiceError } from '../contracts/errors.ts'
import { accessMistakes } from './access-mistakes.ts'
import { doubtsOf } from './doubts.ts'
import { readEnvironment, type Environment } from './environment.ts'
import { describeMistakes, withoutSecrets, type Mistake } from './mistake.ts'
import type { Given, Reading } from './reading.ts'
import { readFluentBit } from './fluent-bit/read.ts'
import { describeLeftovers } from './fluent-bit/translate.ts'
import { reconcile, type Draft } from './reconcile.ts'
import { placeMistakes } from './place-mistakes.ts'
import { itemsOf, mapsOf, rowsOf, settingAt } from './rows.ts'
import type { SettingTree, SettingValue } from './setting.ts'
import { routeMistakes } from './rules/route-mistakes.ts'
import { settings, type Config } from './settings.ts'
import { unreadableWords } from './unreadable-words.ts'
import { unsetWarning } from './variables.ts'
import { defaultOf } from './values.ts'
import { readYaml } from './yaml-file.ts'

export interface ConfigInput {
  /** The file of `--config`. Without it, the file is that of `SLUICE_CONFIG`, if that is set. */
  readonly configFile?: string | undefined
  readonly env: Environment
  /** Returns the text of a file. Throws the system's error when it cannot be read. */
  readonly readFile: (path: string) => string
}

export interface LoadedConfig {
  readonly config: Config
  /** What is valid but probably not meant, one line each. */
  readonly warnings: readonly string[]
  /** The origin of each setting that is not a default, by its path: `file:line`, or a variable. */
  readonly origins: ReadonlyMap<string, string>
}

export type ConfigOutcome =
  | { readonly kind: 'config', readonly loaded: LoadedConfig }
  | { readonly kind: 'mistakes', readonly mistakes: readonly Mistake[], readonly warnings: readonly string[] }

/**
 * Reads the settings of the file and the environment, fills in defaults, and freezes what comes out.
 *
 * @throws SluiceError `ERR_CONFIG`, and nothing else, with every mistake in its message
 */
export function loadConfig (input: ConfigInput): LoadedConfig {
  const outcome = tryConfig(input)
  if (outcome.kind === 'config') return outcome.loaded
  throw new SluiceError('ERR_CONFIG', describeMistakes(outcome.mistakes))
}

/** Like `loadConfig`, but returns the mistakes. */
export function tryConfig (input: ConfigInput): ConfigOutcome {
  const { mistakes: ofReading, warnings, values, origins, places, named } = readSettings(settings, input)
  // `readSettings` fills in every row of the table, each with the type of its row.
  const config = values as unknown as Draft<Config>
  // What is not understood may be the other half of a door.
  const isUnclear = ofReading.some(({ path }) => path === '' || /^tcp(?:Tls|Auth)\b/.test(path))
  const openDoors = isUnclear ? [] : accessMistakes(config, places)
  const ofRoutes = routeMistakes(values, named, places)
  const mistakes = [...ofReading, ...ofRoutes, ...openDoors, ...placeMistakes(config, places)]
  if (mistakes.length > 0) return { kind: 'mistakes', mistakes, warnings }
  const adjustedOrigins = new Map(origins)
  const contradictions: string[] = []
  for (const { path, reason, verb } of reconcile(config)) {
    const given = origins.get(path)
    adjustedOrigins.set(path, given === undefined ? reason : `${given}, but ${reason}`)
    // A default gives way silently: the operator did not choose it.
    if (given !== undefined) contradictions.push(`${given}: ${path} is ${verb}: ${reason}`)
  }
  const isHalf = config.enrich.length > 0 && config.error.format === 'text'
  const half = isHalf ? [`${origins.get('enrich') ?? ''}: enrich adds no fields to errors that are text: set error.format to json`] : []
  const doubts = doubtsOf(config, origins, input.env)
  const allWarnings = [...warnings, ...contradictions, ...half, ...doubts]
  const loaded = { config: deepFreeze(config), warnings: allWarnings, origins: adjustedOrigins }
  return { kind: 'config', loaded }
}

export interface Settled extends Omit<Reading, 'values'> {
  /** Nested like the table. Complete if there are no mistakes. */
  readonly values: SettingValues
  readonly origins: ReadonlyMap<string, string>
  /** As the origins, with the column if there is one. */
  readonly places: ReadonlyMap<string, string>
  /** Names of routes in lists of mappings, by their paths: `rules[0].route`. */
  readonly named: ReadonlyMap<string, string>
}

export interface SettingValues { [key: string]: SettingValue | SettingValues }

/**
 * Reads the settings of any table from all places. In the order of their precedence: variables, the YAML of
 * `SLUICE_CONFIG_YAML`, the YAML file, the Fluent Bit configuration of `firelens.config`, and the defaults.
 */
export function readSettings (tree: SettingTree, { configFile, env, readFile }: ConfigInput): Settled {
  const inline = env['SLUICE_CONFIG_YAML'] ?? ''
  const own = [
    readConfigFile(tree, configFile, env, readFile),
    inline === '' ? nothing : readYaml(tree, 'SLUICE_CONFIG_YAML', inline, env),
    readEnvironment(tree, env),
  ]
  const layers = [readFirelensConfig(tree, merged(own), env, readFile), ...own]
  const given = merged(layers)
  const values = noValues()
  for (const { path } of mapsOf(tree)) put(values, [path], noValues())
  for (const { path } of itemsOf(tree)) put(values, [path], given.get(path)?.value ?? Object.freeze([]))
  for (const { path, setting } of rowsOf(tree)) {
    put(values, path.split('.'), given.get(path)?.value ?? defaultOf(setting))
  }
  for (const { path: map } of mapsOf(tree)) {
    for (const [path, { value }] of given) if (path.startsWith(`${map}.`)) put(values, path.split('.'), value)
  }
  return {
    values,
    origins: new Map([...given].map(([path, { origin }]) => [path, origin])),
    places: new Map([...given].map(([path, { origin, where = origin }]) => [path, where])),
    named: new Map([...given].flatMap(([path, { value }]) => path.includes('[') ? [[path, String(value)] as const] : [])),
    mistakes: layers.flatMap(({ mistakes }) => mistakes),
    warnings: layers.flatMap(({ warnings }) => warnings),
  }
}

const nothing: Reading = { values: new Map(), mistakes: [], warnings: [] }

function merged (layers: readonly Reading[]): ReadonlyMap<string, Given> {
  return new Map(layers.flatMap(({ values }) => [...values]))
}

/**
 * Reads what ECS generated for a log router of type `fluentbit`. It was written for another program, so everything
 * wrong with it is only a warning. A missing file is no warning, unless the operator named it.
 */
function readFirelensConfig (
  tree: SettingTree, given: ReadonlyMap<string, Given>, env: Environment, readFile: (path: string) => string
): Reading {
  const setting = settingAt(tree, firelensConfigPath)
  const file = setting === undefined ? 'off' : given.get(firelensConfigPath)?.value ?? defaultOf(setting)
  if (file === 'off') return nothing
  try {
    const { values, open, leftovers, warnings } = readFluentBit(tree, { file: String(file), env, readFile })
    const left = leftovers.length === 0 ? [] : [describeLeftovers(String(file), leftovers)]
    const unset = [...open].map(([path, { names, origin }]) => unsetWarning(origin, path, names))
    return { ...nothing, values: withoutHalfDoors(values, given), warnings: [...left, ...unset, ...warnings] }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const isAbsent = code === 'ENOENT' || code === 'ENOTDIR'
    return isAbsent && !given.has(firelensConfigPath)
      ? nothing
      : { ...nothing, warnings: [`${firelensConfigPath}: cannot read ${JSON.stringify(file)}: ${unreadableWords(error)}`] }
  }
}

/**
 * Who may send is said in one place: what the operator says of it himself takes the place of all that this file says,
 * and a door of the file that is not complete (a key that comes of a variable which is not set) is none.
 */
function withoutHalfDoors (
  values: ReadonlyMap<string, Given>, own: ReadonlyMap<string, Given>
): ReadonlyMap<string, Given> {
  const isOwn = (group: string) => [...own.keys()].some(path => path.startsWith(`${group}.`))
  const isWhole = { tcpTls: values.has('tcpTls.cert') && values.has('tcpTls.key'), tcpAuth: values.has('tcpAuth.sharedKey') }
  const dropped = Object.entries(isWhole).flatMap(([group, whole]) => !whole || isOwn(group) ? [`${group}.`] : [])
  return new Map([...values].filter(([path]) => !dropped.some(start => path.startsWith(start))))
}

const firelensConfigPath = 'firelens.config'

function readConfigFile (
  tree: SettingTree, configFile: string | undefined, env: Environment, readFile: (path: string) => string
): Reading {
  const isFromVariable = configFile === undefined
  // Templates leave the variable empty when there is no file.
  const file = configFile ?? (env['SLUICE_CONFIG'] === '' ? undefined : env['SLUICE_CONFIG'])
  if (file === undefined) return nothing
  const where = isFromVariable ? 'SLUICE_CONFIG' : '--config'
  const scheme = /^(s3|ssm|https?|arn):/.exec(file)?.[1]
  if (scheme !== undefined) {
    // A start that depends on AWS fails when AWS does: docs/decisions/configuration.md
    const problem = `found ${JSON.stringify(withoutSecrets(file))}, which Sluice does not fetch`
    return { ...nothing, mistakes: [{ where, path: '', problem, allowed: fetchedAdvice }] }
  }
  let text: string
  try {
    text = readFile(file)
  } catch (error) {
    const problem = `cannot read ${JSON.stringify(withoutSecrets(file))}: ${unreadableWords(error)}`
    return { ...nothing, mistakes: [{ where, path: '', problem }] }
  }
  return readYaml(tree, file, text, env)
}

const fetchedAdvice = 'the path of a file, or the YAML itself in SLUICE_CONFIG_YAML, which ECS can fill from Parameter Store ' +
  'or Secrets Manager (`secrets` with `valueFrom` in the task definition)'

/** Without a prototype: a container may be called `constructor`. */
function noValues (): SettingValues {
  return Object.create(null) as SettingValues
}

function put (values: SettingValues, [key = '', ...rest]: readonly string[], value: SettingValues[string]): void {
  if (rest.length === 0) {
    values[key] = value
    return
  }
  const child = (values[key] ?? noValues()) as SettingValues
  values[key] = child
  put(child, rest, value)
}

function deepFreeze<Value extends object> (value: Value): Value {
  for (const child of Object.values(value)) {
    if (typeof child === 'object' && child !== null) deepFreeze(child)
  }
  return Object.freeze(value)
}
