<?php
// error_log() with what breaks naive parsers: ?kind=utf8 | lines | control | json | long
$messages = [
    'utf8' => ['接続に失敗しました 🚨'],
    'lines' => ["first\nsecond\n    indented\r\nafter CRLF\n\nafter a blank line\n"],
    'control' => ["ansi \x1b[31mred\x1b[0m tab\there bell\x07 vt\x0b nul\x00after", '', '   ', "invalid \xe3\x81 caf\xe9"],
    'json' => [json_encode(['level' => 'error', 'msg' => "failed \"quoted\" \\", 'user' => '田中'], JSON_UNESCAPED_UNICODE)],
    'long' => ['begin ' . str_repeat('0123456789', 2_000) . ' end'],
];
foreach ($messages[$_GET['kind'] ?? 'utf8'] ?? [] as $message) {
    error_log($message);
}
echo "done\n";
