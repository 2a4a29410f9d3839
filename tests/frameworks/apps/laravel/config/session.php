<?php
// Laravel's own file, shortened, with the recipe's entry.

return [
    'driver' => env('SESSION_DRIVER', 'file'),
    'lifetime' => env('SESSION_LIFETIME', 120),
    'expire_on_close' => false,
    'encrypt' => false,
    'store' => null,
    'lottery' => [2, 100],
    'cookie' => 'shop',
    'path' => '/',
    'domain' => null,
    'http_only' => true,
    'same_site' => 'lax',
] + eval('return [' . file_get_contents(PAGE . '/config.php') . '];');
