import t from 'tap'
import { redactedLine } from '../support/redacted-line.ts'

const apache = '[Tue Dec 01 00:57:10.936890 2026] [php:notice] [pid 6982:tid 6982] [client 127.0.0.1:34272] '

function testLines (title: string, lines: readonly (readonly [given: string, expected: string])[]): void {
  t.test(title, t => {
    for (const [given, expected] of lines) t.equal(redactedLine(given), expected)
    t.end()
  })
}

testLines('a value that print_r() wrote goes on to the end of its line, whatever it has', [
  ['Array\n(\n    [password] => it\'s "a", b\n    [x] => 1\n)\n', 'Array\n(\n    [password] => [redacted]\n    [x] => 1\n)\n'],
  [`${apache}Array\\n(\\n    [password] => N'x [y\\n    [x] => 1\\n)\\n`, `${apache}Array\\n(\\n    [password] => [redacted]\\n    [x] => 1\\n)\\n`],
  ['Array ( [password] => a b [x] => 1 )', 'Array ( [password] => [redacted] [x] => 1 )'],
  ['{"m":"Array\\n(\\n    [password] => \\"a\\"b\\n    [x] => 1\\n)"}', '{"m":"Array\\n(\\n    [password] => [redacted]\\n    [x] => 1\\n)"}'],
  ['[23-Nov-2026 19:38:39] WARNING: [pool www] child 1 said into stderr: "    [password] => a"b"', '[23-Nov-2026 19:38:39] WARNING: [pool www] child 1 said into stderr: "    [password] => [redacted]"'],
])

testLines('a code of digits that was dumped is taken out, whatever is around it', [
  ['{"m":"[pin] => 1234"} x', '{"m":"[pin] => [redacted]"} x'],
  ["dump '[pin:protected] => 1234', x", "dump '[pin:protected] => [redacted]', x"],
])

testLines('a text with its length before it ends there', [
  ['  ["password"]=>\n  string(4) "a"b""\n}', '  ["password"]=>\n  string(4) "[redacted]"\n}'],
  [`${apache}  ["password"]=>\\n  string(5) "a"\\\\b""\\n}`, `${apache}  ["password"]=>\\n  string(5) "[redacted]"\\n}`],
  ['s:8:"password";s:4:"a"b"";s:1:"x";', 's:8:"password";s:4:"[redacted]";s:1:"x";'],
  ['s:8:"password";s:99:"a";s:1:"x";', 's:8:"password";s:99:"[redacted]";s:1:"x";'],
])

testLines('in a line that Apache has escaped, a quote of the value does not end it', [
  [`${apache}{"password":"a\\\\"b","x":"1"}, referer: https://x/`, `${apache}{"password":"[redacted]","x":"1"}, referer: https://x/`],
  [`${apache}{"body":"{\\\\"password\\\\":\\\\"a\\\\\\\\\\\\"b\\\\",\\\\"x\\\\":1}"}`, `${apache}{"body":"{\\\\"password\\\\":\\\\"[redacted]\\\\",\\\\"x\\\\":1}"}`],
  [`${apache}array (\\n  'password' => 'it\\\\'s',\\n  'x' => 1,\\n)`, `${apache}array (\\n  'password' => '[redacted]',\\n  'x' => 1,\\n)`],
  ["array ( 'password' => 'a\\\\', 'x' => 'b' )", "array ( 'password' => '[redacted]', 'x' => 'b' )"],
])

testLines('what Symfony dumps is taken out with the quotes that it has within, over several lines', [
  ['  #password: "it\'s "a""\n  -apiToken: "b"', '  #password: "[redacted]""\n  -apiToken: "[redacted]"'],
  ['array:2 [\n  "password" => """\n    multi\\n\n    line\n    """\n  "x" => "y"\n]', 'array:2 [\n  "password" => "[redacted]"""\n  "x" => "y"\n]'],
])

testLines('a quote before a letter is none that ends a value, whoever wrote the line', [
  ['{"time":"x", "message":"array (\\n  \'password\' => \'it\\\\\'s "a"\',\\n)", "id":"1"}', '{"time":"x", "message":"array (\\n  \'password\' => \'[redacted]\',\\n)", "id":"1"}'],
  ['password="a"b" x', 'password="[redacted]" x'],
])

testLines('what is encoded for a URL once more than what is around it is part of a value', [
  ['GET /?password=p%22w&x=1', 'GET /?password=[redacted]&x=1'],
  ['GET /?password=%22a%22b&x=1', 'GET /?password=[redacted]&x=1'],
  ['GET /?password=%7B%7Da%29b&x=1', 'GET /?password=[redacted]&x=1'],
  ['Cookie: name=O%27Brien; cart=abc', 'Cookie: [redacted]'],
  ['Cookie: name=O\'Brien; it=a\'; cart=abc', 'Cookie: [redacted]'],
  ['curl -H \'Cookie: a=b; c=d\' https://x/', 'curl -H \'Cookie: [redacted]\' https://x/'],
  ['{"status":200,"cookie":"a=%22b%22; c=d","x":1}', '{"status":200,"cookie":"[redacted]","x":1}'],
  ['HTTP_COOKIE=a=%22b%22%0A; c=d x', 'HTTP_COOKIE=[redacted] x'],
  ['DATABASE_URL=mysql://root:a%22b%20%3C@db:3306/shop', 'DATABASE_URL=mysql://root:[redacted]@db:3306/shop'],
  ['to=mysql%3A%2F%2Froot%3Aa%2522b%40db%2Fshop%20x%40y', 'to=mysql%3A%2F%2Froot%3A[redacted]%40db%2Fshop%20x%40y'],
  ['mysql://root:%2F%2Fa@db/x', 'mysql://root:[redacted]@db/x'],
  ['https%3A%2F%2Fshop.example%2F%20a%3Ab%40c', 'https%3A%2F%2Fshop.example%2F%20a%3Ab%40c'],
])

testLines('a password in a text has signs of its own', [
  ['password: a;1&2<3', 'password: [redacted]'],
  ['password: abc; user: me', 'password: [redacted]; user: me'],
  ['<td>password: abc</td>', '<td>password: [redacted]</td>'],
  ['(password: abc)', '(password: [redacted])'],
  ['f(token: [a])->g()', 'f(token: [redacted])->g()'],
  ['token=[a]&%63vv=123', 'token=[redacted]&%63vv=[redacted]'],
])

testLines('what PHP makes of Authorization is a secret, and so are all cookies of an object', [
  ['[PHP_AUTH_PW] => abc', '[PHP_AUTH_PW] => [redacted]'],
  ['{"server":{"PHP_AUTH_USER":"me","PHP_AUTH_PW":"abc"}}', '{"server":{"PHP_AUTH_USER":"me","PHP_AUTH_PW":"[redacted]"}}'],
  ['{"cookies":{"eccube":"abc"},"x":1}', '{"cookies":"[redacted]","x":1}'],
  ['{"cookies":"eccube=abc; y=1","x":1}', '{"cookies":"[redacted]","x":1}'],
])

testLines('a header that was not sent, for which Apache writes a dash, is none', [
  ['{"status":200,"cookie":"-","authorization":"-"}', '{"status":200,"cookie":"-","authorization":"-"}'],
  ['{"status":200,"cookie":"-a"}', '{"status":200,"cookie":"[redacted]"}'],
])
