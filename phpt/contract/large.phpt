--TEST--
64 MB survive
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
memory_limit=1G
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

Face::main(function (Face $face) {
    $face->start('large');
    $_SESSION['blob'] = str_repeat("\0\xff0123456789abcdef", 3_700_000);
    $sum = md5($_SESSION['blob']);
    says('more than 64 MB - 1', strlen($_SESSION['blob']) > 64 << 19);
    says('closes', session_write_close());
    $_SESSION = [];
    says('starts', $face->start('large'));
    says('the same', md5($_SESSION['blob']) === $sum);
    $_SESSION['blob'] = 'small';
    says('closes', session_write_close());
    says('stored', $face->peek('large'));
    // A record of Aerospike's has its limit.
}, ['files', 'sqlite', 'redis', 'memcached']);
--EXPECT--
more than 64 MB - 1: yes
closes: yes
starts: yes
the same: yes
closes: yes
stored: 'blob|s:5:"small";'
