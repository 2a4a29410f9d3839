<?php
// DALMP's sessions: who is logged in, and logging somebody out everywhere. On a command line:
//
//     php -d extension=seshat examples/dalmp.php

ini_set('session.use_cookies', '0');
ini_set('session.cache_limiter', '');

$file = sys_get_temp_dir() . '/seshat-example-dalmp.db';
$sessions = new DALMP\Sessions(new DALMP\Sessions\SQLite($file, 'UID'));

// Three browsers of two users. Each would be a request of its own.
foreach ([42, 42, 7] as $UID) {
    if (session_status() !== PHP_SESSION_ACTIVE) {
        session_id(session_create_id());
        session_start();
    }
    $_SESSION['user'] = $UID;
    session_write_close();
}
printf("user 42 is logged in %d times\n", count($sessions->getSessionRef(42)));
printf("all of them: %d\n", count($sessions->getSessionsRefs()));
$sessions->delSessionRef(42);
printf("and logged out everywhere: %d\n", count($sessions->getSessionRef(42)));
$sessions->delSessionRef(7);
