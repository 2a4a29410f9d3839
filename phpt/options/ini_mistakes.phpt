--TEST--
Nonsense in php.ini's settings: a warning, and the setting stays as it was
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
    'seshat.session.locking_enabled' => ['maybe', '2', '1'],
    'seshat.session.lock_expire' => ['soon', '-1', '0', '60'],
    'seshat.session.lock_wait_time' => ['x', '-5', '20000', ''],
    'seshat.session.lock_retries' => ['many', '-2', '-1', '100'],
    'seshat.session.early_refresh' => ['perhaps', '0'],
];
foreach ($mistakes as $name => $values) {
    foreach ($values as $value) {
        echo "$name = \"$value\": ";
        var_dump(ini_set($name, $value) !== false);
    }
    echo 'now: ', var_export(ini_get($name), true), "\n";
}
// Which classes exist was decided when PHP started.
var_dump(ini_set('seshat.families', ''));
--EXPECTF--
seshat.session.locking_enabled = "maybe": 
Warning: ini_set(): seshat.session.locking_enabled must be a switch (1 or 0), "maybe" given in %s on line %d
bool(false)
seshat.session.locking_enabled = "2": 
Warning: ini_set(): seshat.session.locking_enabled must be a switch (1 or 0), "2" given in %s on line %d
bool(false)
seshat.session.locking_enabled = "1": bool(true)
now: '1'
seshat.session.lock_expire = "soon": 
Warning: ini_set(): seshat.session.lock_expire must be a time in seconds (0: 30 seconds), "soon" given in %s on line %d
bool(false)
seshat.session.lock_expire = "-1": 
Warning: ini_set(): seshat.session.lock_expire must be a time in seconds (0: 30 seconds), "-1" given in %s on line %d
bool(false)
seshat.session.lock_expire = "0": bool(true)
seshat.session.lock_expire = "60": bool(true)
now: '60'
seshat.session.lock_wait_time = "x": 
Warning: ini_set(): seshat.session.lock_wait_time must be a number of microseconds, "x" given in %s on line %d
bool(false)
seshat.session.lock_wait_time = "-5": 
Warning: ini_set(): seshat.session.lock_wait_time must be a number of microseconds, "-5" given in %s on line %d
bool(false)
seshat.session.lock_wait_time = "20000": bool(true)
seshat.session.lock_wait_time = "": bool(true)
now: ''
seshat.session.lock_retries = "many": 
Warning: ini_set(): seshat.session.lock_retries must be a number of tries, -1 for no limit, "many" given in %s on line %d
bool(false)
seshat.session.lock_retries = "-2": 
Warning: ini_set(): seshat.session.lock_retries must be a number of tries, -1 for no limit, "-2" given in %s on line %d
bool(false)
seshat.session.lock_retries = "-1": bool(true)
seshat.session.lock_retries = "100": bool(true)
now: '100'
seshat.session.early_refresh = "perhaps": 
Warning: ini_set(): seshat.session.early_refresh must be a switch (1 or 0), "perhaps" given in %s on line %d
bool(false)
seshat.session.early_refresh = "0": bool(true)
now: '0'
bool(false)
