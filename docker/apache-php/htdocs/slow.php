<?php
// ?ms=1200
usleep(1000 * min(10_000, (int) ($_GET['ms'] ?? 1200)));
echo "slow\n";
