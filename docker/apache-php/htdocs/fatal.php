<?php
// ?kind=memory | time | parse | (else) an undefined function
declare(strict_types=1);

function first(): void { second(); }
function second(): void { no_such_function(1, 2); }

switch ($_GET['kind'] ?? '') {
    case 'memory':
        ini_set('memory_limit', '4M');
        $blocks = [];
        while (true) {
            $blocks[] = str_repeat('x', 100_000);
        }
    case 'time':
        set_time_limit(1);
        while (true) {
            sqrt(random_int(1, 9));
        }
    case 'parse':
        include __DIR__ . '/broken.inc';
        break;
    default:
        first();
}
