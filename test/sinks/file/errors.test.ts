import t from 'tap'
import { SluiceError } from '../../../src/contracts/errors.ts'
import { fileError } from '../../../src/sinks/file/errors.ts'

t.test('whatever a disk refuses may be tried again, by the name of the system and with what to do', async t => {
  const cause = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
  t.match(fileError(cause), { code: 'ERR_SINK_UNAVAILABLE', disposition: 'retry', reason: 'enospc', message: /file\.directory|free space/, cause })
  const odd = Object.assign(new Error('EODD: something else'), { code: 'EODD' })
  t.match(fileError(odd), { disposition: 'retry', reason: 'eodd', message: 'EODD: something else' })
})

t.test('an error that has its meaning keeps it', async t => {
  const error = new SluiceError('ERR_SINK_REJECTED', 'refused')
  t.equal(fileError(error), error)
})
