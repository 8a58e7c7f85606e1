<?php
// Lines that the application itself writes to stdout, beside the access lines: text, JSON of its own, long ones.
$lines = [
    '[app] started a job: 仕事を始めました',
    json_encode(['level' => 'INFO', 'message' => 'a JSON line of the application', 'context' => ['id' => 1]]),
    "tab\there, escape \x1b[31mred\x1b[0m, carriage return\r, invalid \xff\xfe",
    '{"time":"not an access line","broken":',
    'long ' . str_repeat('長い', (int) ($_GET['times'] ?? 0)),
];
foreach ($lines as $line) {
    file_put_contents('php://stdout', $line . "\n");
}
echo "done\n";
