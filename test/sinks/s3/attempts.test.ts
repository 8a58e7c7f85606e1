import t from 'tap'
import { Attempts } from '../../../src/sinks/s3/attempts.ts'

t.test('that an object is there is believed only after a request that may have stored it', async t => {
  const fresh = new Attempts()
  fresh.begin().refused()
  t.notOk(fresh.begin().isBelieved())
  fresh.begin()
  t.ok(fresh.begin().isBelieved(), 'one had no answer')
  const taken = new Attempts()
  taken.mayBeStored()
  t.ok(taken.begin().isBelieved(), 'another process had it')
})

t.test('a request that was given up may store the object until its answer comes', async t => {
  const attempts = new Attempts()
  const givenUp = attempts.begin()
  t.ok(attempts.begin().isBelieved())
  const refused = new Attempts()
  const [first, second] = [refused.begin(), refused.begin()]
  first.refused()
  t.notOk(second.isBelieved(), 'not once it is known to be refused')
  refused.begin()
  t.ok(refused.begin().isBelieved())
  givenUp.refused()
})

t.test('a name that is claimed to be taken is asked for twice, then each time another', async t => {
  const attempts = new Attempts()
  const suffixes = Array.from({ length: 4 }, () => {
    const { suffix } = attempts
    attempts.begin().isBelieved()
    return suffix
  })
  t.same(suffixes, ['', '', '-2', '-3'])
})
