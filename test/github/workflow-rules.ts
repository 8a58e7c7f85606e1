import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

export interface Step {
  readonly uses?: string
  readonly run?: string
  readonly if?: string
  readonly with?: Readonly<Record<string, unknown>>
}

interface Job {
  readonly permissions?: unknown
  readonly 'timeout-minutes'?: number
  readonly uses?: string
  readonly steps?: readonly Step[]
}

interface Workflow {
  readonly permissions?: unknown
  readonly concurrency?: unknown
  readonly jobs: Readonly<Record<string, Job>>
}

/** What a workflow may name of the checkout that it is for. */
export interface Checkout {
  readonly root: string
  readonly scripts: readonly string[]
}

/** @returns a sentence for each thing that the linter accepts and this project does not */
export function workflowMistakes (text: string, checkout: Checkout): string[] {
  const workflow = parse(text) as Workflow
  const found: string[] = []
  if (JSON.stringify(workflow.permissions) !== '{}') found.push('expected `permissions: {}`, so that a job has what it names')
  if (workflow.concurrency === undefined) found.push('expected `concurrency`')
  for (const [line = '', use = ''] of text.matchAll(/^.*?\buses: *(.*)$/gm)) {
    if (!use.startsWith('./') && !/^[\w-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(use)) {
      found.push(`expected a whole commit and its version in a comment: ${line.trim()}`)
    }
  }
  for (const [name, job] of Object.entries(workflow.jobs)) {
    if (job.permissions === undefined) found.push(`${name}: expected \`permissions\``)
    // A job that calls a workflow has the time of that workflow's jobs.
    if (job.uses === undefined && job['timeout-minutes'] === undefined) found.push(`${name}: expected \`timeout-minutes\``)
    found.push(...(job.steps ?? []).flatMap(step => stepMistakes(step, checkout)).map(text => `${name}: ${text}`))
  }
  return found
}

function stepMistakes ({ uses = '', run = '', if: condition = '', with: inputs = {} }: Step, checkout: Checkout): string[] {
  const found: string[] = []
  if (uses.startsWith('actions/checkout@') && inputs['persist-credentials'] !== false) {
    found.push('expected a checkout with `persist-credentials: false`')
  }
  // What an expression becomes would be run: a name of a branch is somebody's text.
  if (run.includes('${{')) found.push(`expected variables and no expressions in a script: ${run}`)
  const error = syntaxError(run)
  if (error !== undefined) found.push(`expected a script that bash can read: ${error}`)
  for (const [, script = ''] of run.matchAll(/\bnpm run (?:--silent )?([\w:-]+)/g)) {
    if (!checkout.scripts.includes(script)) found.push(`expected a script of package.json, found ${script}`)
  }
  for (const [file] of run.matchAll(/(?<![\w./$-])(?:\.ci|docker|scripts)\/[\w./-]+/g)) {
    if (!condition.includes(`hashFiles('${file}')`) && !existsSync(join(checkout.root, file))) {
      found.push(`expected a file of the checkout, found ${file}`)
    }
  }
  return found
}

function syntaxError (script: string): string | undefined {
  try {
    execFileSync('bash', ['-n'], { input: script, stdio: ['pipe', 'pipe', 'pipe'] })
    return undefined
  } catch (error) {
    return String((error as { readonly stderr: Buffer }).stderr).trim()
  }
}
