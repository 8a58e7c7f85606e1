/**
 * Whether the body of a request had gone to the system whole when its answer came. Only then nobody reads its memory
 * any more: a store that answers early has Node send the rest all the same. `response` is what the SDK's request
 * handler gave; what that is, is in no documentation, so anything else counts as no.
 */
export function isSentWhole (response: unknown): boolean {
  const { body } = (response ?? {}) as { readonly body?: { readonly req?: { readonly writableFinished?: boolean } } }
  return body?.req?.writableFinished === true
}

/** Has a command of the SDK tell, when it is sent, whether its body was. */
export function noteSentWhole (command: { readonly middlewareStack: object }): () => boolean {
  let isSent = false
  // The type that the SDK gives it is of one command.
  const stack = command.middlewareStack as Stack
  stack.add(next => async args => {
    const result = await next(args)
    isSent = isSentWhole(result.response)
    return result
  }, { step: 'deserialize', priority: 'low', name: 'sluiceSentWhole' })
  return () => isSent
}

interface Stack {
  add (
    middleware: (next: (args: never) => Promise<Result>) => (args: never) => Promise<Result>,
    options: { readonly step: 'deserialize', readonly priority: 'low', readonly name: string }
  ): void
}

interface Result { readonly response: unknown, readonly output: never }

// Tested in test/sinks/aws/sent-whole.test.ts
