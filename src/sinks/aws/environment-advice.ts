type Environment = Readonly<NodeJS.ProcessEnv>

/** AWS's client for Node knows none of the variables for proxies. */
export function proxyHint (env: Environment): string {
  const proxy = env['HTTPS_PROXY'] || env['https_proxy'] || ''
  return proxy === '' ? '' : '; HTTPS_PROXY is set, and not used: AWS has to be reached without it'
}

/** Source: https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html */
export function credentialsAdvice (env: Environment): string {
  const giver = env['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI'] || env['AWS_CONTAINER_CREDENTIALS_FULL_URI'] || ''
  return giver !== ''
    ? 'there is a role, and whoever gives its credentials (on ECS the agent of the task) gives none: it is asked anew; ' +
      'if it lasts, check that the role exists and that ecs-tasks.amazonaws.com may assume it'
    : 'give the task a role (taskRoleArn)'
}

/** A role gives others; keys of the environment stay for as long as the process runs. */
export function renewal (env: Environment): string {
  return (env['AWS_ACCESS_KEY_ID'] ?? '') === ''
    ? 'new ones are fetched'
    : 'new ones are fetched; where those are the keys in AWS_ACCESS_KEY_ID, start with others, or without them and with a role'
}

// Tested in test/sinks/aws/errors.test.ts
