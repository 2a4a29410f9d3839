<?php
// What CodeIgniter 4 does with a driver, in its order: the environment file is read, Config\Services
// makes the driver and hands it a logger, Session::start() sets php.ini's values, registers it and starts.

declare(strict_types=1);

require __DIR__ . '/actions.php';
require 'Psr/Log/autoload.php';
require PAGE . '/SeshatHandler.php';

foreach (parse_ini_file(PAGE . '/.env') as $name => $value) {
    putenv("$name=$value");
}
$config = eval('return new class { ' . file_get_contents(PAGE . '/Session.php') . ' };');
$driver = new $config->driver($config, $_SERVER['REMOTE_ADDR']);
$driver->setLogger(new Psr\Log\NullLogger());
ini_set('session.gc_maxlifetime', '7200');
ini_set('session.save_path', '/a/folder/of/its/own');
ini_set('session.use_strict_mode', '1');
session_set_save_handler($driver, true);
session_start();
answer(act_on_php_session());
