import { createJsonWalker, notAnObject } from '../bytes/json-walker.ts'
import { createKeyTable } from '../bytes/key-table.ts'
import type { NotedValues } from '../classify/line-shape.ts'
import type { Config } from '../config/settings.ts'
import { Places } from '../contracts/places.ts'
import type { LogRecord } from '../contracts/record.ts'
import { askedByRules } from '../filter/rules/asked.ts'
import { accessSlots, accessValueCount, durationSecondsByKey, type AccessValue } from '../formats/access-values.ts'

/** The values of access lines that somebody asks for: the walk that checks a line notes where they lie. */
export interface AskedValues extends NotedValues {
  /** By number of a key, as `Places` counts them: the seconds that one of its unit is; 0 where it is no duration. */
  readonly secondsOfKey: Float64Array
  /** Notes the values of a line that the classifier has not walked: one that was repaired. False: it is no object. */
  note (line: LogRecord): boolean
}

const always: readonly AccessValue[] = ['status', 'method', 'request', 'bytes', 'duration']
const ofHealthChecks: readonly AccessValue[] = ['path', 'query', 'client', 'agent']

export function askedValues ({ access, healthChecks, rules }: Config): AskedValues {
  const durations = durationSecondsByKey(access.durationKeys)
  const { values: ofRules, keys: others } = askedByRules(rules)
  const slotByKey = accessSlots({
    asked: [...new Set([...always, ...healthChecks.filter ? ofHealthChecks : [], ...ofRules])],
    status: access.statusKeys.filter(key => !holdsObject.includes(key)),
    duration: [...durations.keys()],
    others,
  })
  const places = new Places(accessValueCount + others.length)
  // Keys with a slot come first in every table, so their numbers are the same in all of them.
  const keys = createKeyTable([], slotByKey)
  const walk = createJsonWalker({ keys, places })
  return {
    slotByKey,
    places,
    secondsOfKey: Float64Array.from(keys.names, name => durations.get(name) ?? 0),
    note ({ bytes, start, end }) {
      const isObject = walk(bytes, start, end) !== notAnObject
      if (!isObject) places.clear()
      return isObject
    },
  }
}

/** Among the status keys of the settings stand some for objects that hold the status. */
const holdsObject: readonly string[] = ['http', 'httpRequest', '@fields']
