import type { Owner } from './sluice-process.ts'

/** Sets variables of this process, which is not the test's alone: they are as they were when the test has ended. */
export function setEnvironment (t: Owner, variables: Readonly<Record<string, string>>): void {
  const before = Object.keys(variables).map(name => [name, process.env[name]] as const)
  Object.assign(process.env, variables)
  t.teardown(() => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
  })
}
