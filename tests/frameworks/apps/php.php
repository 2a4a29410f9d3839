<?php
// Plain PHP on $_SESSION: the recipe's files first, as a plugin or an include would come, then the page.

declare(strict_types=1);

require __DIR__ . '/actions.php';

foreach (glob(PAGE . '/*.php') as $file) {
    require $file;
}
// As an application that knows a better place. A pool's php_admin_value is stronger.
if (PHP_SAPI === 'fpm-fcgi') {
    ini_set('session.save_path', '/a/folder/of/its/own');
}
if (session_status() !== PHP_SESSION_ACTIVE) {
    session_start();
}
answer(act_on_php_session());
