--TEST--
A limit that was set for one request is gone after it
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; ?>
--INI--
session.use_cookies=0
--FILE--
<?php
function limit(): string
{
    ob_start();
    phpinfo(INFO_MODULES);
    preg_match('/^Wait for a lock => (.*)$/m', ob_get_clean(), $found);
    return $found[1];
}

echo 'at first: ', limit(), "\n";
ini_set('seshat.session.lock_retries', '1');
echo 'one try: ', limit(), "\n";
ini_set('seshat.session.lock_wait_time', '500000');
echo 'of half a second: ', limit(), "\n";
// What PHP does at the end of each request.
ini_restore('seshat.session.lock_retries');
ini_restore('seshat.session.lock_wait_time');
echo 'restored: ', limit(), "\n";
--EXPECT--
at first: 30 s
one try: 0.02 s
of half a second: 0.5 s
restored: 30 s
