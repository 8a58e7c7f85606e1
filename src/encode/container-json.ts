/**
 * Remembers the bytes that `build` makes of a container's name in JSON: there are few names, and thousands of records
 * in a row have the same one.
 */
export function createContainerJson (build: (json: string) => string, maxCount = 1024): (container: string) => Buffer {
  const known = new Map<string, Buffer>()
  let lastContainer: string | undefined
  let lastBytes: Buffer = Buffer.alloc(0)
  return container => {
    if (container !== lastContainer) {
      const bytes = known.get(container)
      lastBytes = bytes ?? Buffer.from(build(JSON.stringify(container)))
      if (bytes === undefined && known.size >= maxCount) known.clear()
      known.set(container, lastBytes)
      lastContainer = container
    }
    return lastBytes
  }
}
