<?php
// Warnings of PHP's own and of the application; the page is still answered.
declare(strict_types=1);
$settings = [];
echo $settings['missing'] ?? 'default', "\n";
echo $settings['また'];
echo $undefined;
file_get_contents('/no/such/ファイル.txt');
trigger_error("a notice\nof two lines", E_USER_NOTICE);
trigger_error('a "quoted" \\ warning', E_USER_WARNING);
trigger_error('an old way', E_USER_DEPRECATED);
