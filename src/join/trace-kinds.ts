import { lineKind, type Ending, type LineKind, type TraceLine } from '../formats/trace-line.ts'

// What the kinds of lines, and the ways in which a record may end, have in common.

/** A traceback is held when it is whole: another one may follow from it. */
export const afterPython = { frames: 'named', named: 'bridged', bridged: 'frames' } as const

/** So many lines wait for the one that proves that they belong together. */
export const mostUnproven = 64
/** Records that go on with lines without a mark. */
export const takingText: ReadonlySet<Ending> = new Set<Ending>(['thrown', 'on-line', 'context', 'quiet', 'frames', 'html'])
/** These end with words of their own: what frameworks set behind a message is no part of them. */
export const isStrict: ReadonlySet<Ending> = new Set<Ending>(['thrown', 'on-line', 'frames', 'html'])

/** What Xdebug writes behind an error. */
export function isOfXdebug ({ kind, ending }: TraceLine): boolean {
  return kind === lineKind.xdebug || (kind === lineKind.header && ending === 'xdebug')
}

/** Lines at the left margin that bear no mark of belonging to anything. */
export function isText (kind: LineKind): boolean {
  return kind === lineKind.text || kind === lineKind.json
}

/** What the last line of a traceback of Python may look like. */
export function mayNameException (kind: LineKind, isMarked: boolean): boolean {
  return !isMarked && (kind === lineKind.text || kind === lineKind.header || kind === lineKind.program)
}

export function isUnmarked (kind: LineKind): boolean {
  return isText(kind) || kind === lineKind.program || kind === lineKind.other
}

// Tested in test/join/traces.test.ts
