<?php
// The process that serves this ends by SIGSEGV: no access line, and a notice of the parent.
posix_kill(posix_getpid(), 11);
usleep(200_000);
