--TEST--
Mistakes in a DSN: one clear sentence each
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

$mistakes = [
    'an unknown store' => 'memry:',
    'a store of another library' => 'couchdb://127.0.0.1',
    'an unknown option' => 'memory:?lokcing=1',
    'an unknown option, redis' => 'redis://127.0.0.1/0?prefx=a',
    'an unknown option, files' => 'files:///tmp?dept=1',
    'an unknown option, sqlite' => 'sqlite:///tmp/s.db?jornal=wal',
    'a switch that is none' => 'memory:?locking=maybe',
    'a time that is none' => 'memory:?lock_wait=soon',
    'a negative time' => 'memory:?lock_wait=-1',
    'a lock that ends at once' => 'memory:?lock_expire=0',
    'a lifetime of nothing' => 'memory:?lifetime=0',
    'a word that is no outcome' => 'memory:?on_lock_timeout=ignore',
    'several at once' => 'redis://127.0.0.1/0?locking=maybe&lock_wait=soon&prefx=a',
    'a port of nothing' => 'redis://127.0.0.1:0',
    'a port too large' => 'redis://127.0.0.1:65536',
    'a port that is a word' => 'redis://127.0.0.1:redis',
    'a bracket that is open' => 'redis://[::1',
    'a percent sign alone' => 'redis://u:a%b@h',
    'a database that is a word' => 'redis://127.0.0.1/two',
    'a negative database' => 'redis://127.0.0.1/0?database=-1',
    'a socket with a host' => 'redis+unix://run/redis.sock',
    'a folder with a host' => 'files://var/lib/sessions',
    'a mode that nobody can use' => 'files:///tmp?mode=0777',
    'a mode that is no number' => 'files:///tmp?mode=rw',
    'a depth that is none' => 'files:///tmp?depth=99',
    'a prefix with a slash' => 'files:///tmp?prefix=a/b',
];
foreach ($mistakes as $what => $dsn) {
    try {
        new Seshat\Handler($dsn);
        echo "$what: accepted\n";
    } catch (Seshat\Exception $e) {
        echo "$what: {$e->getMessage()}\n";
    }
}
--EXPECTF--
an unknown store: unknown store "memry"; did you mean "memory"?
a store of another library: unknown store "couchdb"; this build has %s
an unknown option: unknown option "lokcing"; did you mean "locking"?
an unknown option, redis: unknown option "prefx"; did you mean "prefix"?
an unknown option, files: unknown option "dept"; did you mean "depth"?
an unknown option, sqlite: unknown option "jornal"%S
a switch that is none: option "locking" must be a switch (1 or 0), "maybe" given
a time that is none: option "lock_wait" must be a time such as 30, 1.5, "500ms" or "2m", "soon" given
a negative time: option "lock_wait" must be a time such as 30, 1.5, "500ms" or "2m", "-1" given
a lock that ends at once: option "lock_expire" must be at least 1 second
a lifetime of nothing: option "lifetime" must be at least 1 second
a word that is no outcome: option "on_lock_timeout" must be one of fail, readonly, "ignore" given
several at once: option "locking" must be %s; option "lock_wait" must be %s; unknown option "prefx"; did you mean "prefix"?
a port of nothing: the DSN's port must be a number from 1 to 65535
a port too large: the DSN's port must be a number from 1 to 65535
a port that is a word: the DSN's port must be a number from 1 to 65535
a bracket that is open: the DSN's IPv6 address lacks its closing bracket
a percent sign alone: the DSN's password has a % without two hexadecimal digits; write %25 for a % itself
a database that is a word: %snumber of a database%s
a negative database: option "database" must be a whole number from 0 to %d, "-1" given
a socket with a host: the DSN of a unix socket has no host; write redis+unix:///PATH with three slashes
a folder with a host: %sa host%sthree slashes%s
a mode that nobody can use: option "mode" must be an octal number such as 0600%s
a mode that is no number: option "mode" must be an octal number such as 0600%s
a depth that is none: option "depth" must be a whole number from 0 to %d, "99" given
a prefix with a slash: option "prefix" must be at most 100 characters without a slash
