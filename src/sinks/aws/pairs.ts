/** The keys and values of `key=value` items; the first `=` is where the value begins. */
export function pairsOf (items: readonly string[]): Record<string, string> {
  return Object.fromEntries(items.map(item => {
    const at = item.indexOf('=')
    return [item.slice(0, at), item.slice(at + 1)]
  }))
}
