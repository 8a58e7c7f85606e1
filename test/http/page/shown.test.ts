import t from 'tap'
import { settings } from '../../../src/config/settings.ts'
import { noLinesWords, shownOn } from '../../../src/http/page/shown.ts'

const token = 'a-token-of-this-test'
const ownHosts = ['127.0.0.1', '127.8.8.8', 'localhost', '::1']
/** A name may mean any address. */
const otherHosts = ['0.0.0.0', '::', '10.0.0.5', '::ffff:127.0.0.1', 'sluice', 'localhost.example', '127.example']

t.test('by default lines are shown where the listener is loopback or there is a token; else numbers, states and words', async t => {
  const page = settings.httpPage.default
  for (const host of ownHosts) for (const given of ['off', token]) t.equal(shownOn({ page, token: given, host }), 'samples', `${host}, ${given}`)
  for (const host of otherHosts) {
    t.equal(shownOn({ page, token: 'off', host }), 'status', host)
    t.equal(shownOn({ page, token, host }), 'samples', `${host} with a token`)
  }
})

t.test('off and status mean what they say everywhere, and samples shows no lines to whom the default does not', async t => {
  for (const host of [...ownHosts, ...otherHosts]) {
    for (const given of ['off', token]) {
      const shown = (page: typeof settings.httpPage.choices[number]) => shownOn({ page, token: given, host })
      t.same([shown('off'), shown('status')], ['off', 'status'])
      t.equal(shown('samples'), shown('auto'), host)
    }
  }
})

t.test('where lines are not shown, it says why and what to set', async t => {
  t.equal(noLinesWords({ page: 'status', token: 'off', host: '127.0.0.1' }), 'Lines are not shown: httpPage is status.')
  t.match(noLinesWords({ page: 'auto', token: 'off', host: '0.0.0.0' }), /^Lines are not shown: http listens on 0\.0\.0\.0, .* Set httpToken/)
  t.match(noLinesWords({ page: 'samples', token: 'off', host: '0.0.0.0' }), /^httpPage: samples has no effect\. Lines/)
})
