<?php
// Phalcon's session manager and adapters, without the framework.
//
//     php -d extension=seshat -S localhost:8080 examples/phalcon-manager.php

use Phalcon\Session\Adapter\Stream;
use Phalcon\Session\Manager;

$session = new Manager(['uniqueId' => 'shop']);
$session
    ->setAdapter(new Stream(['savePath' => sys_get_temp_dir()]))
    ->start();

$session->visits = $session->get('visits', 0) + 1;

echo "You were here {$session->visits} times.\n";
