<?php
// php.ini alone: the code knows nothing of where its sessions are kept.
//
//     php -d extension=seshat -d session.save_handler=seshat \
//         -d session.save_path="sqlite:///tmp/sessions.db" -S localhost:8080 examples/php-ini.php

session_start();
$_SESSION['visits'] = ($_SESSION['visits'] ?? 0) + 1;

echo "You were here {$_SESSION['visits']} times.\n";
