<?php
// The recipes of docs/frameworks.md that can be run: by the folder in their blocks' names.
//
// - app: the application under apps/ that the recipe's blocks are put into
// - runs: the page's words for what it ran with; %s is the version that the application found
// - needs: a file of the framework, on the include path
// - server: php-fpm instead of PHP's own server
// - record: where the record lies, if the store's layout is not Seshat's own
// - locks: false where the framework's sessions are none of PHP's

return [
    'php-ini' => ['app' => 'php', 'runs' => 'with plain PHP'],
    'fpm-pool' => ['app' => 'php', 'runs' => 'with php-fpm', 'server' => 'fpm'],
    'plain' => ['app' => 'php', 'runs' => 'with plain PHP'],
    'phalcon' => [
        'app' => 'phalcon',
        'runs' => "with Seshat's Phalcon classes",
        'record' => '/var/lib/app/sessions/shop-%s',
    ],
    'phalcon-handler' => ['app' => 'phalcon', 'runs' => "with Seshat's Phalcon classes"],
    'symfony' => [
        'app' => 'symfony',
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
        'locks' => false,
    ],
    'codeigniter' => [
        'app' => 'codeigniter',
        'runs' => "with CodeIgniter's calls alone: CodeIgniter could not be installed",
        'needs' => 'Psr/Log/autoload.php',
    ],
    'psr15' => [
        'app' => 'psr15',
        'runs' => "with Slim's messages and a request handler of the tests: Slim 4 and Mezzio could not be installed",
        'needs' => 'Slim/Psr7/autoload.php',
    ],
    'wordpress' => [
        'app' => 'php',
        'runs' => 'as a file of its own, without WordPress, which is too large for them',
    ],
];
