// Makes a bucket and a log group in moto: node moto-setup.mjs http://moto:5000 shop-logs /shop/error
const [, , endpoint, bucket, group] = process.argv
// Moto does not check signatures, but tells by the scope of one which service is asked.
const authorization = service => `AWS4-HMAC-SHA256 Credential=testing/20260101/us-east-1/${service}/aws4_request, ` +
  'SignedHeaders=host, Signature=0'

async function make (what, request) {
  const response = await request
  const text = await response.text()
  const isThere = /AlreadyExists|AlreadyOwned/.test(text)
  if (!response.ok && !isThere) throw new Error(`${what}: expected it to be made, found ${response.status} ${text}`)
  console.log(`${what}: ${isThere ? 'is there' : 'made'}`)
}

await make(`bucket ${bucket}`, fetch(`${endpoint}/${bucket}`, { method: 'PUT', headers: { authorization: authorization('s3') } }))
await make(`group ${group}`, fetch(endpoint, {
  method: 'POST',
  headers: {
    authorization: authorization('logs'),
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': 'Logs_20140328.CreateLogGroup',
  },
  body: JSON.stringify({ logGroupName: group }),
}))
