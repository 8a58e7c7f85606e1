<?php
// What the application writes to stderr past PHP's own reporting: no prefix, several lines, a line in two writes.
$stderr = fopen('php://stderr', 'w');
fwrite($stderr, "[app] direct: 直接\n");
fwrite($stderr, 'the first half...');
fwrite($stderr, "...and the second\n");
fwrite($stderr, json_encode(['level' => 'ERROR', 'channel' => 'app', 'message' => "two\nlines"]) . "\n");
fwrite($stderr, <<<'TEXT'
[2026-11-23T10:00:00.123456+00:00] app.ERROR: boom {"exception":"[object] (RuntimeException(code: 0): boom at /var/www/html/x.php:3)
[stacktrace]
#0 /var/www/html/index.php(12): App->run()
#1 {main}
"} []

TEXT);
echo "done\n";
