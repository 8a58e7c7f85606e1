import t from 'tap'
import { createJsonWalker, notAnObject } from '../../src/bytes/json-walker.ts'
import { createKeyTable } from '../../src/bytes/key-table.ts'
import { repairKindNames, repairKinds } from '../../src/contracts/repair-kinds.ts'
import { createJsonRepairer } from '../../src/repair/json-repair.ts'
import { fixtureLines } from '../support/access-lines.ts'
import { disagreements } from './mutations.ts'

const files = ['stdout.log', 'access.f2.log', 'access.f3.log'] as const
const repairer = createJsonRepairer()
const walk = createJsonWalker({ keys: createKeyTable([]) })

function outcomeOf (line: Buffer): string {
  if (repairer.repair(line, 0, line.length) === 'invalid') return repairer.reason ?? ''
  const kinds = repairKindNames.filter(kind => (repairer.kinds & repairKinds[kind]) !== 0)
  return kinds.length === 0 ? 'valid' : kinds.join(' + ')
}

function repairedText (): string {
  return repairer.buffer.toString('utf8', repairer.start, repairer.end)
}

type Fields = Readonly<Record<string, unknown>>

/** The access lines of a capture after repair, in order. */
function accessOf (file: typeof files[number]): readonly Fields[] {
  return fixtureLines(file).flatMap(line => {
    if (repairer.repair(line, 0, line.length) === 'invalid') return []
    const value = JSON.parse(repairedText()) as Fields
    return 'status' in value ? [value] : []
  })
}

t.test('every line that Apache made comes out valid: what was done, counted', async t => {
  const counts = files.map(file => {
    const count: Record<string, number> = {}
    for (const line of fixtureLines(file)) {
      const outcome = outcomeOf(line)
      count[outcome] = (count[outcome] ?? 0) + 1
      if (repairer.reason === undefined && walk(repairer.buffer, repairer.start, repairer.end) === notAnObject) {
        t.fail(line.toString('latin1'))
      }
    }
    return count
  })
  t.same(counts, [
    // Ten lines of text and ten valid objects are the application's.
    { valid: 646, hex_escape: 191, illegal_escape: 1, empty_user: 2, not_object: 10 },
    { valid: 5, bare_value: 780, 'hex_escape + bare_value': 45 },
    { valid: 658, hex_escape: 171, illegal_escape: 1 },
  ])
})

t.test('the same request has the same fields in all three formats', async t => {
  const [first, second, third] = files.map(accessOf)
  t.same([first?.length, second?.length, third?.length], [830, 830, 830])
  for (const [index, a] of first?.entries() ?? []) {
    const b = second?.[index] ?? {}
    const c = third?.[index] ?? {}
    const common = [a['request'], a['user_agent'], a['status'], a['bytes'], a['path'], a['query'], a['referer'], a['host'], a['remote_ip']]
    const others = [b['request'], b['agent'], b['status'], b['size'] ?? 0, c['request'], c['query'], c['referer'], c['host'], c['remoteIP']]
    if (JSON.stringify(common) !== JSON.stringify(others) || a['user_agent'] !== c['userAgent'] ||
      String(a['status']) !== c['status'] || a['method'] !== c['method'] || b['clientip'] !== a['remote_ip']) {
      t.fail(`line ${index}: ${JSON.stringify([a, b, c])}`)
    }
  }
})

t.test('path and query are those of the request line that the client sent', async t => {
  // What the server itself changed: index pages, rewriting, absolute URIs, a fragment, NUL, two slashes in a row.
  const changed = new Set(['/', '/private/', '/loop', 'evil.example:443', 'http://evil.example/abs', '/pe%00', '/%00',
    'http://user:XXXXXXXX@evil.example/abs', '/p$' + '{jndi:ldap://x/a}', '/a//b/../c;p=1#frag'])
  let sameCount = 0
  for (const { request, path, query } of accessOf('stdout.log')) {
    const [, target = '', search = ''] = /^[^ ]+ ([^ ?]+)(\?[^ ]*)? HTTP\/1\.[01]$/.exec(String(request)) ?? []
    if (target === '' || changed.has(target)) continue
    if (path !== decoded(target) || query !== search) t.fail(`${String(request)} became ${String(path)} ${String(query)}`)
    sameCount++
  }
  t.ok(sameCount > 780, `${sameCount} compared`)
})

/** Percent-encoded bytes as UTF-8, or else as Latin-1; unescape() reads each as the character of its number. */
function decoded (target: string): string {
  try {
    return decodeURIComponent(target)
  } catch {
    // Bytes in another encoding are among what clients send.
    return target.replace(/%([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))
  }
}

t.test('agrees with a slow and simple oracle on random changes to genuine lines', async t => {
  t.same(disagreements(5_000), [])
})
