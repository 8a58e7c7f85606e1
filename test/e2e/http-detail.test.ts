import t from 'tap'
import { askAt, observed } from '../support/operator.ts'
import { startSluice } from '../support/sluice-process.ts'

t.test('/health names destinations to this machine, and to others only when asked to', async t => {
  const destinationsWith = async (env: Readonly<Record<string, string>>) => {
    const sluice = startSluice(t, { env: { ...observed, ...env } })
    const { routes } = await (await askAt(sluice)).health()
    sluice.kill('SIGTERM')
    await sluice.exited
    return Object.values(routes).map(({ destination }) => destination !== '')
  }
  t.notOk((await destinationsWith({ SLUICE_HTTP: '0.0.0.0:0' })).includes(true))
  t.notOk((await destinationsWith({ SLUICE_HTTP: '0.0.0.0:0', SLUICE_HTTP_DETAIL: 'full' })).includes(false))
  t.notOk((await destinationsWith({})).includes(false))
})
