import t from 'tap'
import { testHostile } from '../support/hostile-time.ts'
import { redactedLine as redacted } from '../support/redacted-line.ts'

const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc'

t.test('the letter that ends a colour of a terminal is part of no number, key, value or token', async t => {
  for (const escape of ['\x1b', '\\u001b', '\\x1b']) {
    const [on, off] = [`${escape}[1;36m`, `${escape}[0m`]
    for (const [given, expected] of [
      [`${on}4111111111111111${off}`, `${on}411111******1111${off}`],
      [`${on}password${off}=abc`, `${on}password${off}=[redacted]`],
      [`${on}password: ${on}abc${off}, x`, `${on}password: ${on}[redacted]${off}, x`],
      [`{ ${on}'password'${off}: ${on}'a b'${off}, x: 1 }`, `{ ${on}'password'${off}: ${on}'[redacted]'${off}, x: 1 }`],
      [`{ cvv: ${on}123${off}, x: 1 }`, `{ cvv: ${on}[redacted]${off}, x: 1 }`],
      [`${on}${jwt}${off}`, `${on}[redacted]${off}`],
    ] as const) {
      t.equal(redacted(given), expected)
      if (escape === '\\u001b') t.equal(redacted(`{"m":"${given}"}`), `{"m":"${expected}"}`)
    }
  }
})

t.test('letters that end no colour are part of the word behind them', async t => {
  for (const line of ['[36m4111111111111111', 'm4111111111111111', '\x1b36m4111111111111111', '\x1b[3xm4111111111111111',
    '\x1b[36Mpassword=x', 'mpassword=x', '\x1b[0m=x', '\x1b[0m:']) t.equal(redacted(line), line)
})

t.test('colours take time in proportion to the line', async t => {
  testHostile(t, ['\x1b[0m', '\x1b[0m=', '\\u001b[36mpassword=', '[;;;;;;;;;;;;;;;;;;;m=', 'password=\x1b[', 'm', '1m', '[m=', '%1B[0m:'])
})
