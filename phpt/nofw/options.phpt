--TEST--
Options: what the cache is told with each of them
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
session.gc_maxlifetime=777
--FILE--
<?php
require __DIR__ . '/../include/caches.inc';

ob_start();
complaints();
function play(string $title, array $options): void
{
    echo "== $title\n";
    foreach (recorders() as $class => $cache) {
        $handler = new $class($cache, null, $options);
        session_set_save_handler($handler, false);
        $prefix = $options['prefix'] ?? '';
        $cache->data["{$prefix}known"] = 'n|i:1;';
        session_id('known');
        session_start();
        echo 'read ', $cache->told();
        $_SESSION['n']++;
        session_write_close();
        echo ' | write ', $cache->told();
        session_start();
        $cache->told();
        session_write_close();
        echo ' | unchanged ', $cache->told();
        session_start();
        $cache->told();
        session_destroy();
        echo ' | destroy ', $cache->told(), "\n", implode("\n", complaints());
    }
}
play('ttl', ['ttl' => 60]);
play('ttl, with a unit', ['ttl' => '2m']);
play('ttl of php.ini', ['ttl' => 'gc_maxlifetime']);
ini_set('session.gc_maxlifetime', '888');
play('which is another one now', ['ttl' => 'gc_maxlifetime']);
play('prefix', ['prefix' => 'sess.']);
play('update_timestamp, nothing to extend', ['update_timestamp' => true]);
play('update_timestamp, a lifetime to extend', ['update_timestamp' => true, 'ttl' => 60]);

echo "== strict\n";
ini_set('session.use_strict_mode', '1');
foreach (recorders() as $class => $cache) {
    $handler = new $class($cache, null, ['strict' => true]);
    session_set_save_handler($handler, false);
    $cache->data['known'] = 'n|i:1;';
    session_id('known');
    session_start();
    says('kept', session_id() === 'known');
    session_abort();
    echo $cache->told(), "\n";
    session_id('unknown');
    session_start();
    says('kept', session_id() === 'unknown');
    session_regenerate_id();
    says('made', is_string(session_create_id()));
    echo str_replace(session_id(), 'NEW', preg_replace("/'[0-9a-z]{32}'/", 'NEW', $cache->told())), "\n";
    session_abort();
    says('a direct question', [$handler->validateId('known'), $handler->validateId('unknown')]);
    $cache->told();
}

echo "== encode_keys\n";
$ids = ['plain0.AZ', 'with,comma-and_more', str_repeat('a', 64), str_repeat('b', 65), str_repeat('-', 30), "\0\xff{}"];
foreach (recorders() as $class => $cache) {
    foreach (['', 'sess_'] as $prefix) {
        $handler = new $class($cache, null, ['encode_keys' => true, 'prefix' => $prefix]);
        foreach ($ids as $n => $id) {
            $handler->write($id, "data $n");
        }
        foreach ($ids as $n => $id) {
            if ($handler->read($id) !== "data $n") {
                echo "$n is lost\n";
            }
        }
    }
    $keys = array_keys($cache->data);
    says('legal', preg_grep('/^[A-Za-z0-9_.]{1,64}$/D', $keys) === $keys);
    says('different', count($keys) === 2 * count($ids));
    if ($class === Nofw\Session\CacheSessionHandler::class) {
        echo implode("\n", $keys), "\n";
    }
}
--EXPECT--
== ttl
read getItem('known') isHit() get() | write getItem('known') set('n|i:2;') expiresAfter(60) save() | unchanged getItem('known') set('n|i:2;') expiresAfter(60) save() | destroy deleteItem('known')
read get('known') | write set('known', 'n|i:2;', 60) | unchanged set('known', 'n|i:2;', 60) | destroy delete('known')
read fetch('known') | write save('known', 'n|i:2;', 60) | unchanged save('known', 'n|i:2;', 60) | destroy delete('known')
== ttl, with a unit
read getItem('known') isHit() get() | write getItem('known') set('n|i:2;') expiresAfter(120) save() | unchanged getItem('known') set('n|i:2;') expiresAfter(120) save() | destroy deleteItem('known')
read get('known') | write set('known', 'n|i:2;', 120) | unchanged set('known', 'n|i:2;', 120) | destroy delete('known')
read fetch('known') | write save('known', 'n|i:2;', 120) | unchanged save('known', 'n|i:2;', 120) | destroy delete('known')
== ttl of php.ini
read getItem('known') isHit() get() | write getItem('known') set('n|i:2;') expiresAfter(777) save() | unchanged getItem('known') set('n|i:2;') expiresAfter(777) save() | destroy deleteItem('known')
read get('known') | write set('known', 'n|i:2;', 777) | unchanged set('known', 'n|i:2;', 777) | destroy delete('known')
read fetch('known') | write save('known', 'n|i:2;', 777) | unchanged save('known', 'n|i:2;', 777) | destroy delete('known')
== which is another one now
read getItem('known') isHit() get() | write getItem('known') set('n|i:2;') expiresAfter(888) save() | unchanged getItem('known') set('n|i:2;') expiresAfter(888) save() | destroy deleteItem('known')
read get('known') | write set('known', 'n|i:2;', 888) | unchanged set('known', 'n|i:2;', 888) | destroy delete('known')
read fetch('known') | write save('known', 'n|i:2;', 888) | unchanged save('known', 'n|i:2;', 888) | destroy delete('known')
== prefix
read getItem('sess.known') isHit() get() | write getItem('sess.known') set('n|i:2;') save() | unchanged getItem('sess.known') set('n|i:2;') save() | destroy deleteItem('sess.known')
read get('sess.known') | write set('sess.known', 'n|i:2;') | unchanged set('sess.known', 'n|i:2;') | destroy delete('sess.known')
read fetch('sess.known') | write save('sess.known', 'n|i:2;') | unchanged save('sess.known', 'n|i:2;') | destroy delete('sess.known')
== update_timestamp, nothing to extend
read getItem('known') isHit() get() | write getItem('known') set('n|i:2;') save() | unchanged  | destroy deleteItem('known')
read get('known') | write set('known', 'n|i:2;') | unchanged  | destroy delete('known')
read fetch('known') | write save('known', 'n|i:2;') | unchanged  | destroy delete('known')
== update_timestamp, a lifetime to extend
read getItem('known') isHit() get() | write getItem('known') set('n|i:2;') expiresAfter(60) save() | unchanged getItem('known') set('n|i:2;') expiresAfter(60) save() | destroy deleteItem('known')
read get('known') | write set('known', 'n|i:2;', 60) | unchanged set('known', 'n|i:2;', 60) | destroy delete('known')
read fetch('known') | write save('known', 'n|i:2;', 60) | unchanged save('known', 'n|i:2;', 60) | destroy delete('known')
== strict
kept: yes
hasItem('known') getItem('known') isHit() get()
kept: no
made: yes
hasItem('unknown') getItem(NEW) isHit() getItem(NEW) set('') save() hasItem(NEW) getItem(NEW) isHit() hasItem(NEW)
a direct question: array (
  0 => true,
  1 => false,
)
kept: yes
has('known') get('known')
kept: no
made: yes
has('unknown') get(NEW) set(NEW, '') has(NEW) get(NEW) has(NEW)
a direct question: array (
  0 => true,
  1 => false,
)
kept: yes
contains('known') fetch('known')
kept: no
made: yes
contains('unknown') fetch(NEW) save(NEW, '') contains(NEW) fetch(NEW) contains(NEW)
a direct question: array (
  0 => true,
  1 => false,
)
== encode_keys
legal: yes
different: yes
plain0.AZ
with_2Ccomma_2Dand_5Fmore
aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
__dLEo8wz4PeQ930qvxAx7UKdEPTxzqJp8_KF.FeQ9Uas
__pO7hTn20H5DX1vVtRtdnEo.BMV_ZIQUqV0NI4gPLjs4
_00_FF_7B_7D
sess_plain0.AZ
sess_with_2Ccomma_2Dand_5Fmore
sess____.BU_nrgy23GXDr5th1SCfQ5hR20PQulmXM33xVGaOs
sess___dLEo8wz4PeQ930qvxAx7UKdEPTxzqJp8_KF.FeQ9Uas
sess___pO7hTn20H5DX1vVtRtdnEo.BMV_ZIQUqV0NI4gPLjs4
sess__00_FF_7B_7D
legal: yes
different: yes
legal: yes
different: yes
