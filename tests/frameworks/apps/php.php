<?php
// Plain PHP on $_SESSION: the recipe's files first, as a plugin or an include would come, then the page.

declare(strict_types=1);

require __DIR__ . '/actions.php';

foreach (glob(PAGE . '/*.php') as $file) {
    require $file;
}
// As an application that knows a better place; the pool's settings are stronger.
if (is_file(PAGE . '/pool.conf')) {
    ini_set('session.save_path', '/a/folder/of/its/own');
}
if (session_status() !== PHP_SESSION_ACTIVE) {
    session_start();
}
answer(act_on_php_session());
