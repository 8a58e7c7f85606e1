const tokens = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]:,]|[^\s"{}[\]:,]+/g

/** Whether an object anywhere in `json`, which is strict JSON, has the same key twice. Slow: for rare lines. */
export function hasRepeatedKey (json: string): boolean {
  const open: Set<unknown>[] = []
  let last = ''
  for (const [token] of json.matchAll(tokens)) {
    if (token === '{' || token === '[') {
      open.push(new Set())
    } else if (token === '}' || token === ']') {
      open.pop()
    } else if (token === ':') {
      const key: unknown = JSON.parse(last)
      const keys = open.at(-1)
      if (keys?.has(key) === true) return true
      keys?.add(key)
    }
    last = token
  }
  return false
}
