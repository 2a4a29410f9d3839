<?php
// The recipes of docs/frameworks.md that can be run: by the folder in their blocks' names.
//
// - app: the application under apps/ that the recipe's blocks are put into; without one, worker.php uses them
// - runs: the page's words for what it ran with; %s is the version that the application found
// - needs: a file of the framework, on the include path
// - server: php for PHP's own server, or none. Others run under php-fpm: each of its workers takes one request at a
//   time, while PHP's own server sometimes gives two that come at once to the same worker, one after the other
// - lifetime: seconds that a record lives by the recipe, where the store says how long that is
// - record: where the record lies, if the store's layout is not Seshat's own
// - locks: false where the framework's sessions are none of PHP's

return [
    'php-ini' => ['app' => 'php', 'runs' => 'with plain PHP', 'server' => 'php', 'lifetime' => 1800],
    'fpm-pool' => ['app' => 'php', 'runs' => 'with php-fpm'],
    'plain' => ['app' => 'php', 'runs' => 'with plain PHP'],
    'phalcon' => [
        'app' => 'phalcon',
        'runs' => "with Seshat's Phalcon classes",
        'record' => '/var/lib/app/sessions/shop-%s',
    ],
    'phalcon-handler' => ['app' => 'phalcon', 'runs' => "with Seshat's Phalcon classes"],
    'symfony' => [
        'app' => 'symfony',
        'lifetime' => 1800,
        'runs' => 'with Symfony %s',
        'needs' => 'Symfony/Bundle/FrameworkBundle/autoload.php',
    ],
    'symfony-native' => [
        'app' => 'symfony',
        'runs' => 'with Symfony %s',
        'needs' => 'Symfony/Bundle/FrameworkBundle/autoload.php',
    ],
    'symfony-component' => [
        'app' => 'symfony-component',
        'runs' => 'with Symfony %s',
        'needs' => 'Symfony/Component/HttpFoundation/autoload.php',
    ],
    'laravel' => [
        'app' => 'laravel',
        'runs' => 'with Laravel %s',
        'needs' => 'Illuminate/Foundation/Application.php',
        'lifetime' => 7200,
        'locks' => false,
    ],
    'codeigniter' => [
        'app' => 'codeigniter',
        'lifetime' => 7200,
        'runs' => "with CodeIgniter's calls alone: CodeIgniter could not be installed",
        'needs' => 'Psr/Log/autoload.php',
    ],
    'psr15' => [
        'app' => 'psr15',
        'runs' => "with Slim's messages and a request handler of the tests: Slim 4 and Mezzio could not be installed",
        'needs' => 'Slim/Psr7/autoload.php',
    ],
    'worker' => [
        'runs' => "as 10,000 requests in one process of PHP's command line: RoadRunner could not be installed",
        'needs' => 'Slim/Psr7/autoload.php',
        'server' => 'none',
    ],
    'wordpress' => [
        'app' => 'php',
        'runs' => 'as a file of its own, without WordPress, which is too large for them',
    ],
];
