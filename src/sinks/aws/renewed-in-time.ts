/** Within so long of their end the SDK asks for new ones, ms. Source: `EXPIRATION_MS`, @smithy/core */
export const renewalMs = 300_000

/**
 * Gives credentials that still hold while new ones are fetched, as the SDK does with those of a task but not with those
 * of a role: whoever gives them may be away for a moment.
 *
 * Its result rejects only when there are none that hold.
 */
export function renewedInTime<Keys extends { readonly expiration?: Date }, Options> (
  provide: (options: Options) => Promise<Keys>, nowMs: () => number = Date.now
): (options: Options) => Promise<Keys> {
  let held: Keys | undefined
  let renewal: Promise<Keys> | undefined
  const renew = async (options: Options): Promise<Keys> => {
    try {
      held = await provide(options)
      return held
    } finally {
      renewal = undefined
    }
  }
  return async options => {
    const leftMs = (held?.expiration?.getTime() ?? 0) - nowMs()
    if (held !== undefined && leftMs >= renewalMs) return held
    renewal ??= renew(options)
    if (held === undefined || leftMs <= 0) return await renewal
    // Whoever needs them next asks again.
    renewal.catch(() => undefined)
    return held
  }
}
