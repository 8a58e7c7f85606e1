/** One server-sent event. Source: https://html.spec.whatwg.org/multipage/server-sent-events.html */
export interface ServerSentEvent { readonly name: string, readonly data: string }

/** Cuts a stream into its events. What is still to come of one is kept. */
export function createEventReader (): (chunk: string) => ServerSentEvent[] {
  let rest = ''
  return chunk => {
    const blocks = (rest + chunk).split('\n\n')
    rest = blocks.pop() ?? ''
    return blocks.flatMap(block => {
      const fields = new Map(block.split('\n').map(line => /^([^:]*):? ?(.*)$/.exec(line)?.slice(1) as [string, string]))
      const data = fields.get('data')
      // A comment: it says that the other side is there.
      return data === undefined ? [] : [{ name: fields.get('event') ?? 'message', data }]
    })
  }
}

// Tested in test/cli/tail.test.ts
