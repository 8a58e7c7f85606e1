/** What a repair changed, as bits: a line may need several. Some are of lines of any class. */
export const repairKinds = {
  /** `\xhh`, as Apache writes every byte that is not printable ASCII. */
  hex_escape: 1,
  /** Any other escape that JSON does not have. */
  illegal_escape: 2,
  /** A value without quotes, or none: `-` and nothing become `null`, text becomes a string. */
  bare_value: 4,
  /** `""` inside a string: how Apache writes `%u` when the user name is empty. */
  empty_user: 8,
  /** A raw control byte inside a string, or a newline between tokens. */
  control_byte: 16,
  /** Raw bytes inside a string that are not UTF-8. */
  invalid_utf8: 32,
  /** A number that JSON forbids and whose value is plain: `007`, `+1`, `.5`, `1.`. */
  number: 64,
  /** A comma before the end of an object or array, or behind the object. */
  comma: 128,
  /** A carriage return around the line: the end of a line on a terminal. */
  carriage_return: 256,
  /** A byte order mark before the line. */
  byte_order_mark: 512,
  /** Colours of a terminal around the line, and within such a line. */
  terminal_colour: 1024,
  /** A bracket or a brace behind the object, which closes nothing of it. */
  closing_bracket: 2048,
} as const
export type RepairKind = keyof typeof repairKinds

/** Every kind; the place of each is the number of its bit. */
export const repairKindNames = Object.keys(repairKinds) as readonly RepairKind[]

/**
 * Why a line cannot be repaired.
 *
 * - `not_object`: it does not start with `{`
 * - `truncated`: it ends before the object does
 * - `torn`: another line starts inside of it
 * - `duplicate_key`: repairing a key would make it equal to another
 * - `too_deep`: nested beyond the limit
 * - `cut`: it is a part of a line that is longer than a line may be
 * - `syntax`: anything else
 */
export const invalidReasons = ['not_object', 'truncated', 'torn', 'duplicate_key', 'too_deep', 'cut', 'syntax'] as const
export type InvalidReason = typeof invalidReasons[number]

// Tested in test/repair/json-repair.test.ts
