import t from 'tap'
import { Redactor, redactionKinds } from '../../src/redact/redactor.ts'
import { testHostile } from '../support/hostile-time.ts'
import { redactedLine as redacted } from '../support/redacted-line.ts'
import { usualRedaction } from '../support/usual-redaction.ts'

const kindsOf = (line: string) => {
  const redactor = new Redactor(usualRedaction)
  const bytes = Buffer.from(line)
  redactor.redact(bytes, 0, bytes.length, false)
  return redactionKinds.filter((_, index) => (redactor.counts[index] as number) > 0)
}

t.test('a value whose name is a value before it is taken out', async t => {
  for (const [given, expected] of [
    ['{"name":"cvv","value":"123"}', '{"name":"cvv","value":"[redacted]"}'],
    ['{"Key": "password", "Value": "a, b"}', '{"Key": "password", "Value": "[redacted]"}'],
    ['{"field":"card[cvc]","value":123,"x":1}', '{"field":"card[cvc]","value":"[redacted]","x":1}'],
    ['{"headers":[{"name":"Cookie","value":"a=b; c=d"}]}', '{"headers":[{"name":"Cookie","value":"[redacted]"}]}'],
    ['{"m":"[{\\"name\\":\\"cvv\\",\\"value\\":\\"123\\"}]"}', '{"m":"[{\\"name\\":\\"cvv\\",\\"value\\":\\"[redacted]\\"}]"}'],
    ['GET /p?f=%5B%7B%22name%22%3A%22cvv%22%2C%22value%22%3A%22123%22%7D%5D', 'GET /p?f=%5B%7B%22name%22%3A%22cvv%22%2C%22value%22%3A%22[redacted]%22%7D%5D'],
    ["['name' => 'cvv', 'value' => '123']", "['name' => 'cvv', 'value' => '[redacted]']"],
    ['Array ( [name] => cvv [value] => 123 )', 'Array ( [name] => cvv [value] => [redacted] )'],
    ['name=cvv&value=123&x=1', 'name=cvv&value=[redacted]&x=1'],
    ['<input name="cvv" value="123">', '<input name="cvv" value="[redacted]">'],
    ['<param name="cvv">123</param><b>1</b>', '<param name="cvv">[redacted]</param><b>1</b>'],
    ['{"m":"<f key=\\"SecurityCode\\">123</f>"}', '{"m":"<f key=\\"SecurityCode\\">[redacted]</f>"}'],
    ['password[a][value]=abc', 'password[a][value]=[redacted]'],
    ['<item><key>cvv</key><value>123</value></item>', '<item><key>cvv</key><value>[redacted]</value></item>'],
    ['<key xsi:type="xsd:string">cvv</key>\n  <value xsi:type="xsd:string">123</value>', '<key xsi:type="xsd:string">cvv</key>\n  <value xsi:type="xsd:string">[redacted]</value>'],
    ['{"m":"<ns1:name>Cookie<\\/ns1:name>\\n<ns1:value>a=b; c<\\/ns1:value>"}', '{"m":"<ns1:name>Cookie<\\/ns1:name>\\n<ns1:value>[redacted]<\\/ns1:value>"}'],
    ['x=%3Ckey%3Ecvv%3C%2Fkey%3E%3Cvalue%3E123%3C%2Fvalue%3E', 'x=%3Ckey%3Ecvv%3C%2Fkey%3E%3Cvalue%3E[redacted]%3C%2Fvalue%3E'],
    ['<value name="cvv">123</value>', '<value name="cvv">[redacted]</value>'],
  ] as const) t.equal(redacted(given), expected)
})

t.test('a value of anything else stays', async t => {
  for (const line of [
    '{"value":"123"}', '{"name":"color","value":"123"}', '{"name":"pin","value":"A1"}', '{"token_count":1,"value":"123"}', 'Unexpected token value: 3',
    '{"name":"trace_id","value":"1"}', '{"name":"code","value":"1"}', 'color=red&value=1', '{"value":"x","value":"y"}', '<a href="/?x=token">Login</a>',
    '<td class="password">abc</td>', '<param name="x">123</param>', '"value":1', 'value=1', '<p name=">1</p>',
    '<value unit="kg">12</value>', '<price><v:value currency="JPY">1200</v:value></price>', '{"m":"<value a=\\"b\\">1</value>"}', '<value name="color">1</value>',
    '<key>color</key><value>123</value>', '<cvv/><value>123</value>', '<b>cvv<b><value>123</value>', 'cvv</key>x<value>123</value>', '><value>1</value>', '/k><value>1</value>',
  ]) t.equal(redacted(line), line)
})

t.test('a part of a form has the name that its headers say', async t => {
  for (const [given, expected] of [
    ['-1\r\nContent-Disposition: form-data; name="cvv"\r\n\r\n123\r\n-1\r\n', '-1\r\nContent-Disposition: form-data; name="cvv"\r\n\r\n[redacted]\r\n-1\r\n'],
    ['Content-Disposition: form-data; name="card[cvc]"\nContent-Length: 3\n\n123', 'Content-Disposition: form-data; name="card[cvc]"\nContent-Length: 3\n\n[redacted]'],
    ['content-disposition: form-data; name="password"\\r\\n\\r\\na\\b"c\\r\\n--1', 'content-disposition: form-data; name="password"\\r\\n\\r\\n[redacted]\\r\\n--1'],
    ['{"m":"Content-Disposition: form-data; name=\\"password\\"\\r\\n\\r\\na\\\\n\\"b\\r\\n--1","x":1}',
      '{"m":"Content-Disposition: form-data; name=\\"password\\"\\r\\n\\r\\n[redacted]\\r\\n--1","x":1}'],
    ['{"m":"Content-Disposition: form-data; name=\\"cvv\\"\\n\\n123","x":"\\n"}', '{"m":"Content-Disposition: form-data; name=\\"cvv\\"\\n\\n[redacted]","x":"\\n"}'],
  ] as const) t.equal(redacted(given), expected)
  for (const line of [
    'Content-Disposition: form-data; name="color"\r\n\r\n123\r\n', 'Content-Disposition: form-data; name="cvv"\r\n', 'Content-Disposition: attachment',
    '{"Content-Disposition":"form-data; name=\\"cvv\\"",\n\n"x":1}', '{"content-disposition":1}',
  ]) t.equal(redacted(line), line)
})

t.test('a card number in fields of its own for its parts shows the first and the last', async t => {
  const given = 'cardNumber1=4111&cardNumber2=1111&cardNumber3=2222&cardNumber4=1111'
  t.equal(redacted(given), 'cardNumber1=4111&cardNumber2=[redacted]&cardNumber3=[redacted]&cardNumber4=1111')
  t.equal(redacted('{"card_no_2":"1111","card_no_3":1111}'), '{"card_no_2":"[redacted]","card_no_3":"[redacted]"}')
  t.equal(redacted('card_number_2=4111111111111111'), 'card_number_2=411111******1111')
  t.same(kindsOf(given), ['card_number'])
  t.same(kindsOf(`${given} cvv=1`), ['card_number', 'authentication_data'])
  for (const line of ['card_no2=Visa', 'card_number2=', 'card2=1111']) t.equal(redacted(line), line)
})

t.test('what gateways call the code of a card is known, and nothing that is called alike', async t => {
  for (const key of ['cvv_code', 'cvvCode', 'cvcCode', 'cardCvvCode', 'cvc_number', 'cvv2Num', 'ccv', 'card_ccv', 'verification_value', 'SecCd',
    'card_conf_number', 'payment[cc_cid]', 'cccvv', 'cardCvn', 'セキュリティーコード', 'x_card_code', 'cardCode', '暗証番号', 'CVN2']) {
    t.equal(redacted(`a ${key}=123`), `a ${key}=[redacted]`)
  }
  for (const line of ['cardCode=VISA', 'discard_code=x', 'country_code=123', 'error_code=123', 'verificationCode=1', 'card_number=1', 'card_no=12', 'gid=123', 'success_cid=1', '/parcel?track=JP123456789', 'track: 7']) {
    t.equal(redacted(line), line)
  }
  const own = new Redactor({ ...usualRedaction, secretKeys: ['pin'] })
  t.equal(redacted('pin=abc', own), 'pin=[redacted]', 'one of the settings whatever it holds')
  for (const equals of ['==', '===']) t.equal(redacted(`if ($cvv ${equals} '123')`), `if ($cvv ${equals} '[redacted]')`)
  t.equal(redacted('token==abc&x=1'), 'token==[redacted]&x=1')
  t.equal(redacted('token=='), 'token==')
})

t.test('none of them takes more than its time', async t => {
  testHostile(t, ['"cvv","value":', 'value=', 'value', '","value":', '&&&&&&&&&&&&&&&value=', '<a name="cvv">', '<a name="', 'name="">', '\\"value\\":', '%22value%22%3A', '<value>', '<key>cvv</key><value>', '</key>\n<value>', '<value a="b">', `${'\\n'.repeat(40)}<value>`, `>${' '.repeat(70)}<value>`,
    'Content-Disposition: form-data; name="cvv"', 'Content-Disposition:', 'Content-Disposition: form-data; name="cvv"\\n\\n', 'cvv==', '==',
    `Content-Disposition: form-data; name="a"${'\\'.repeat(470)}`, `Content-Disposition: form-data; name="a"${'\\r'.repeat(235)}`])
})
