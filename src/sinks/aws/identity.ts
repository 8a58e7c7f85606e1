import { clientConfig, type AwsSettings } from './client.ts'
import { commonFailure, failureWithoutAnswer, faultOf, quoted, slow, unavailable } from './errors.ts'
import { SluiceError } from '../../contracts/errors.ts'

export interface Identity {
  /** `arn:aws:sts::123456789012:assumed-role/NAME/SESSION` */
  readonly arn: string
  /** Twelve digits. */
  readonly account: string
}

/**
 * Whom AWS takes the credentials for; with `roleArn`, those of the role. Nobody needs a permission to ask.
 *
 * @throws SluiceError `ERR_SINK_UNAVAILABLE`
 */
export async function callerIdentity (settings: AwsSettings, signal: AbortSignal): Promise<Identity> {
  const { STSClient, GetCallerIdentityCommand } = await import('@aws-sdk/client-sts')
  const client = new STSClient(await clientConfig(settings))
  try {
    const { Arn: arn = '', Account: account = '' } = await client.send(new GetCallerIdentityCommand({}), { abortSignal: signal })
    return { arn, account }
  } catch (error) {
    if (error instanceof SluiceError) throw error
    const fault = faultOf(error)
    const failure = commonFailure(fault, { service: 'STS', region: settings.region, permission: 'sts:GetCallerIdentity' }) ??
      (fault.status === 0
        ? failureWithoutAnswer('GetCallerIdentity', fault)
        : slow('refused', `STS does not say who this is (${fault.name})${quoted(fault.message)}`))
    throw unavailable(failure, error)
  } finally {
    client.destroy()
  }
}

// Tested in test/e2e/probe.test.ts
