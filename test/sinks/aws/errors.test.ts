import { once } from 'node:events'
import { get } from 'node:http'
import type { LookupFunction } from 'node:net'
import t from 'tap'
import { commonFailure, faultOf, quoted, retryAfterMs, unavailable } from '../../../src/sinks/aws/errors.ts'
import { isRefused } from '../../../src/sinks/s3/errors.ts'

const context = { service: 'S3', region: 'eu-west-1', permission: 's3:PutObject on arn' }

function fault (name: string, httpStatusCode = 0, headers: Record<string, string> = {}) {
  return faultOf({ name, message: 'words', $metadata: { httpStatusCode }, $response: { headers } })
}

const reasonOf = (name: string, status = 0) => commonFailure(fault(name, status), context)?.reason

t.test('each error has the reason that metrics call it by', async t => {
  const cases = {
    throttled: ['ThrottlingException', 'Throttling', 'RequestLimitExceeded', 'TooManyRequestsException', 'SlowDown'],
    unavailable: ['ServiceUnavailableException', 'InternalFailure', 'InternalError'],
    timeout: ['TimeoutError', 'RequestTimeout', 'ETIMEDOUT'],
    network: ['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'EHOSTUNREACH'],
    dns: ['ENOTFOUND', 'EAI_AGAIN'],
    too_many_files: ['EMFILE', 'ENFILE'],
    tls: ['CERT_HAS_EXPIRED', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'ERR_TLS_CERT_ALTNAME_INVALID', 'EPROTO'],
    no_credentials: ['CredentialsProviderError'],
    credentials_expired: ['ExpiredToken', 'ExpiredTokenException'],
    credentials_invalid: ['UnrecognizedClientException', 'InvalidAccessKeyId', 'SignatureDoesNotMatch', 'InvalidSignatureException'],
    clock_skew: ['RequestTimeTooSkewed'],
    denied: ['AccessDenied', 'AccessDeniedException'],
    not_aws: ['SyntaxError'],
  }
  for (const [reason, names] of Object.entries(cases)) {
    for (const name of names) t.equal(reasonOf(name), reason, name)
  }
})

t.test('a signature that is refused because of the clock says nothing against the credentials', async t => {
  const reason = (message: string) => commonFailure({ ...fault('InvalidSignatureException', 400), message }, context)?.reason
  t.equal(reason('Signature expired: 20261129T000000Z is now earlier than 20261129T001500Z (20261129T002000Z - 5 min.)'), 'clock_skew')
  t.equal(reason('Signature not yet current: 20261129T002000Z is still later than 20261129T000500Z'), 'clock_skew')
  t.equal(reason('The request signature we calculated does not match'), 'credentials_invalid')
  const ofSts = { ...fault('SignatureDoesNotMatch', 403), message: 'Signature expired: 20261129T000000Z is now earlier than …' }
  t.equal(commonFailure(ofSts, context)?.reason, 'clock_skew')
})

t.test('an error without a known name goes by its status', async t => {
  const cases = { 429: 'throttled', 500: 'unavailable', 502: 'unavailable', 503: 'unavailable', 504: 'unavailable', 403: 'denied', 401: 'denied' }
  for (const [status, reason] of Object.entries(cases)) t.equal(reasonOf('Unheard', Number(status)), reason, status)
  t.equal(commonFailure(fault('Unheard', 400), context), undefined, 'only the service can explain it')
  for (const name of ['constructor', '__proto__', 'toString']) t.equal(commonFailure(fault(name, 400), context), undefined, name)
})

t.test('a refusal without a code and without the id of a request is no refusal of AWS', async t => {
  const failure = (name: string, status: number, headers = {}) => commonFailure(fault(name, status, headers), context)
  for (const [name, status] of [['Unknown', 403], ['Error', 403], ['NotFound', 404], ['Unknown', 407], ['Error', 302], ['Unknown', 307], ['Unknown', 413], ['SyntaxError', 403]] as const) {
    t.match(failure(name, status), { reason: 'not_aws', words: `found something else (${name}, HTTP ${status}): is a proxy in between?` })
  }
  for (const id of ['x-amz-request-id', 'x-amzn-requestid']) t.equal(failure('Unknown', 403, { [id]: '1' })?.reason, 'denied', id)
  t.equal(failure('AccessDenied', 403)?.reason, 'denied', 'a store that gives codes')
  t.equal(failure('Unknown', 503)?.reason, 'unavailable', 'it may pass')
})

t.test('the code of Node says more than the name that the SDK puts over it', async t => {
  t.equal(faultOf(Object.assign(new Error('read'), { name: 'TimeoutError', code: 'ECONNRESET' })).name, 'ECONNRESET')
  t.match(faultOf(undefined), { name: 'unknown', status: 0, message: '' })
  t.match(faultOf('text'), { name: 'unknown', status: 0 })
})

t.test('where no address of a name can be reached, the words name the first', async t => {
  const lookup: LookupFunction = (_name, _options, found) => {
    found(null, ['127.0.0.1', '127.0.0.2'].map(address => ({ address, family: 4 })))
  }
  const [error] = await once(get({ host: 'aws.test', port: 1, lookup }), 'error') as [Error]
  t.match(commonFailure(faultOf(error), context)?.words, /^no connection to .* \(connect ECONNREFUSED 127\.0\.0\.1:1\): /)
})

t.test('whatever keeps a connection from coming about is told as that, and has stored nothing', async t => {
  const others = new Map([['ETIMEDOUT', 'timeout'], ['EMFILE', 'too_many_files']])
  for (const code of ['ECONNREFUSED', 'EHOSTUNREACH', 'ETIMEDOUT', 'EMFILE', 'EPERM', 'EACCES', 'ENOBUFS']) {
    const error = Object.assign(new Error(`connect ${code} 10.0.0.1:443`), { code, syscall: 'connect' })
    const { reason, words } = commonFailure(faultOf(error), context) ?? {}
    t.equal(reason, others.get(code) ?? 'network', code)
    t.match(words, others.has(code) ? code : `connect ${code} 10.0.0.1:443`)
    t.ok(isRefused(error), code)
  }
  t.notOk(isRefused(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read' })))
  const unreadable = Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES', syscall: 'open' })
  t.equal(commonFailure(faultOf(unreadable), context), undefined, 'a file is no connection')
})

t.test('words stay a line, whatever whoever answers calls it', async t => {
  const long = 'x'.repeat(8_000_000)
  const said = { name: long, message: `not authorized to perform: s3:${long} on resource: ${long}`, $metadata: { httpStatusCode: 403 } }
  for (const error of [said, { ...said, name: 'AccessDenied' }]) {
    t.ok((commonFailure(faultOf(error), context)?.words.length ?? Infinity) < 10_000)
  }
})

t.test('what waiting does not mend is tried slowly; an answer may ask for longer, but not for ever', async t => {
  const pauseMs = (name: string, headers: Record<string, string> = {}) =>
    commonFailure(fault(name, 503, headers), context)?.retryAfterMs
  t.equal(pauseMs('SlowDown'), 0)
  t.equal(pauseMs('SlowDown', { 'retry-after': '2' }), 2000)
  t.equal(pauseMs('SlowDown', { 'x-amz-retry-after': '250' }), 250)
  t.equal(pauseMs('AccessDenied', { 'retry-after': '2' }), 15_000)
  t.equal(pauseMs('AccessDenied', { 'retry-after': '60' }), 60_000)
  for (const odd of ['-1', 'soon', '', 'NaN']) t.equal(retryAfterMs(fault('x', 503, { 'retry-after': odd })), 0, odd)
  t.equal(retryAfterMs(fault('x', 503, { 'retry-after': '1e9' })), 300_000)
})

t.test('words name service, region and what to do', async t => {
  const words = (name: string) => commonFailure(fault(name, 403), context)?.words ?? ''
  t.equal(words('AccessDenied'), 'S3 in eu-west-1 denies access (AccessDenied): allow s3:PutObject on arn; AWS says: words')
  t.match(words('ENOTFOUND'), /check region, endpoint and DNS/)
  t.match(words('RequestTimeTooSkewed'), /correct it; requests go by the clock of AWS from now on, lines and names of objects do not$/)
  const refused = { name: 'ECONNREFUSED', status: 0, message: 'connect ECONNREFUSED 10.0.0.1:443', headers: {} }
  t.match(commonFailure(refused, context)?.words, /^no connection to .* \(connect ECONNREFUSED 10\.0\.0\.1:443\): .* AWS_ENDPOINT_URL/)
  const atLimit = { code: 'EMFILE', syscall: 'connect', message: 'connect EMFILE 10.0.0.1:443 - Local (undefined:undefined)' }
  t.match(commonFailure(faultOf(atLimit), context), {
    reason: 'too_many_files',
    words: /^no connection to S3 in eu-west-1: EMFILE: this process has too many open files: raise the limit \(ulimit nofile\)/,
    retryAfterMs: 0,
  }, 'no advice about the network, which nobody asked')
  t.equal(quoted(`two\nlines${'x'.repeat(400)}`).length, '; AWS says: '.length + 300)
  t.equal(quoted(' '), '')
})

t.test('AWS gives its reason last: a long sentence is cut in its middle', t => {
  const arn = `"arn:aws:s3:::shop-logs/production/access/dt=2026-11-23/hour=10/${'0123456789abcdef'.repeat(4)}-1-1-00000000.ndjson.gz"`
  const who = `User: arn:aws:sts::123456789012:assumed-role/shop-task/${'0123456789abcdef'.repeat(2)}`
  const said = quoted(`${who} is not authorized to perform: s3:PutObject on resource: ${arn} with an explicit deny in a resource-based policy`)
  t.match(said, /^; AWS says: User: arn:aws:sts.* not authorized to perform: s3:PutObject on .* … .* with an explicit deny in a resource-based policy$/)
  t.end()
})

t.test('without credentials, who has no role is told to take one, and who has one that nobody gives them', t => {
  const words = (env: Record<string, string>) => commonFailure(fault('CredentialsProviderError'), context, env)?.words
  t.equal(words({}), 'no credentials for S3 in eu-west-1: give the task a role (taskRoleArn)')
  for (const name of ['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI', 'AWS_CONTAINER_CREDENTIALS_FULL_URI']) {
    t.match(words({ [name]: '/v2/credentials/1' }), /there is a role, .* the agent of the task\) gives none: it is asked anew; if it lasts, check that the role/)
    t.match(words({ [name]: '' }), /give the task a role/)
  }
  t.end()
})

t.test('where keys stand in the environment, nobody is told that new ones come and no more', async t => {
  const words = (name: string, env: NodeJS.ProcessEnv) => commonFailure(fault(name, 400), context, env)?.words
  for (const name of ['ExpiredToken', 'InvalidAccessKeyId']) {
    t.match(words(name, { AWS_ACCESS_KEY_ID: 'AKID' }), /; where those are the keys in AWS_ACCESS_KEY_ID, start with others, or without them and with a role$/)
    t.match(words(name, { AWS_ACCESS_KEY_ID: '' }), /new ones are fetched$/)
  }
})

t.test('a refusal names the action that AWS says is missing, which may be that of a key', t => {
  const words = (message: string) => commonFailure({ ...fault('AccessDenied', 403), message }, context)?.words
  const key = 'arn:aws:kms:eu-west-1:123456789012:key/k'
  t.match(words(`User: u is not authorized to perform: kms:GenerateDataKey on resource: ${key} because no identity-based policy allows it`),
    /: allow kms:GenerateDataKey on arn:aws:kms:eu-west-1:123456789012:key\/k; AWS says: User/)
  t.match(words('User: u is not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::b/k" because no VPC endpoint policy allows it'),
    /: allow s3:PutObject on arn; AWS says: .* no VPC endpoint policy/)
  t.match(words('User: u is not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::b/k" with an explicit deny in a service control policy'),
    /: end the explicit deny of s3:PutObject on arn; AWS says/)
  t.end()
})

t.test('where no connection comes about, the words say what to look at, and that a proxy is not used', t => {
  const words = (name: string, env = {}) => commonFailure(fault(name), context, env)?.words
  const way = 'check the security group, the route to the internet or to a VPC endpoint, and AWS_ENDPOINT_URL where it is set'
  for (const name of ['TimeoutError', 'ECONNREFUSED']) t.match(words(name), new RegExp(`${way}$`), name)
  t.match(words('ETIMEDOUT'), `${way}, or raise delivery.requestTimeout where the way is slow`)
  for (const name of ['TimeoutError', 'ECONNREFUSED', 'ENOTFOUND']) {
    for (const proxy of ['HTTPS_PROXY', 'https_proxy']) t.match(words(name, { [proxy]: 'http://proxy:3128' }), /; HTTPS_PROXY is set, and not used: /, name)
    t.notMatch(words(name, { HTTPS_PROXY: '' }), /HTTPS_PROXY/, name)
  }
  t.end()
})

t.test('a certificate whose dates are wrong may mean that the clock is', t => {
  const words = (name: string) => commonFailure(fault(name), context)?.words
  for (const name of ['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']) t.match(words(name), /check the clock of this machine/, name)
  for (const name of ['SELF_SIGNED_CERT_IN_CHAIN', 'ERR_TLS_CERT_ALTNAME_INVALID', 'EPROTO']) t.match(words(name), /proxy in between.*NODE_EXTRA_CA_CERTS/, name)
  t.end()
})

t.test('what was made of an answer is no cause to tell: it may repeat what was sent', async t => {
  const causeOf = (cause: unknown) => unavailable({ reason: 'refused', words: 'words', retryAfterMs: 0 }, cause).cause
  const answered = Object.assign(new Error('Value a-line failed'), { $metadata: { httpStatusCode: 400 } })
  t.equal(causeOf(answered), undefined)
  t.equal(causeOf(new SyntaxError('"a-secret" is not valid JSON')), undefined)
  t.equal(causeOf(new Error('no credentials', { cause: answered })), undefined)
  const reset = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })
  t.equal(causeOf(reset), reset)
  const circle = new Error('a')
  circle.cause = circle
  t.equal(causeOf(circle), circle)
})
