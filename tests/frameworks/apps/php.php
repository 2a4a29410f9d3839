<?php
// Plain PHP on $_SESSION: the recipe's files first, as a plugin or an include would come, then the page.

declare(strict_types=1);

require __DIR__ . '/actions.php';

foreach (glob(PAGE . '/*.php') as $file) {
    require $file;
}
if (session_status() !== PHP_SESSION_ACTIVE) {
    session_start();
}
answer(act_on_php_session());
