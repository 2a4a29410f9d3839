--TEST--
DALMP's handlers find and end the sessions of a reference, and do what the original got wrong
--EXTENSIONS--
mysqlnd
pdo
pdo_mysql
--INI--
session.cache_limiter=
session.use_cookies=0
session.gc_maxlifetime=1440
error_reporting=E_ALL
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; if (!class_exists('DALMP\\Sessions\\SQLite')) die('skip the family is not there'); ?>
--FILE--
<?php
require __DIR__ . '/../include/face.inc';
require __DIR__ . '/../include/servers.inc';
require __DIR__ . '/../include/mariadb.inc';
require __DIR__ . '/../include/dalmp.inc';

$transcripts = [];
foreach (Dalmp::all() as $which) {
    ob_start();
    unset($GLOBALS['UID']);
    $handler = ($which->make)();
    says('open', $handler->open('', 'DALMP'));
    says('missing', [$handler->read('nobody'), $handler->destroy('nobody')]);
    says('nothing yet', [$handler->getSessionsRefs(), $handler->getSessionRef(42), $handler->getSessionRef('')]);

    // As in the original's own tests: a hundred of each.
    $ids = array_map(fn ($i) => sha1("sid_$i"), range(0, 99));
    says('written', array_sum(array_map(fn ($id) => (int) $handler->write($id, "n|s:40:\"$id\";"), $ids)));
    says('read', array_sum(array_map(fn ($id) => (int) ($handler->read($id) === "n|s:40:\"$id\";"), $ids)));
    says('without a reference', $handler->getSessionsRefs());
    says('destroyed', array_sum(array_map(fn ($id) => (int) $handler->destroy($id), $ids)));
    foreach ($ids as $i => $id) {
        $UID = sha1((string) $i);
        $handler->write($id, 'r|i:1;') || says('not written', $i);
    }
    says('all', count($handler->getSessionsRefs()));
    says('one', array_sum(array_map(fn ($i) => count($handler->getSessionRef(sha1((string) $i))), range(0, 99))));
    says('each ended', array_sum(array_map(fn ($i) => (int) $handler->delSessionRef(sha1((string) $i)), range(0, 99))));
    says('none left', [$handler->getSessionsRefs(), $handler->read($ids[7])]);

    // Numbers, texts, and a text with what the original parted them by.
    $names = [];
    foreach (['number' => 42, 'digits' => '42', 'text' => 'ann', 'bar' => 'a|b', 'zeros' => '042'] as $name => $UID) {
        $names[$name] = "session$name";
        $handler->write("session$name", "u|i:1;");
    }
    says('all', named($which, $handler->getSessionsRefs(), $names));
    foreach ([42, '42', 'a|b', 'a', '042', 'ann', 'an'] as $reference) {
        says(var_export($reference, true), array_keys(named($which, $handler->getSessionRef($reference), $names)));
    }

    // The second write of a session, which failed on Redis; without the variable; with an empty one; with another.
    $UID = 'ann';
    says('again', $handler->write('sessiontext', 'u|i:2;'));
    unset($GLOBALS['UID']);
    says('and without', $handler->write('sessiontext', 'u|i:3;'));
    says('still hers', array_keys(named($which, $handler->getSessionRef('ann'), $names)));
    $UID = 'bob';
    $handler->write('sessiontext', 'u|i:4;');
    says('his now', [count($handler->getSessionRef('ann')), count($handler->getSessionRef('bob'))]);
    $UID = 0;
    $handler->write('sessiontext', 'u|i:5;');
    says('nobody\'s', [count($handler->getSessionRef('bob')), count($handler->getSessionRef(0)), $handler->read('sessiontext')]);

    // Garbage is what has expired: the original took every user whose number was less than the time.
    says('gc', $handler->gc(1440) !== false);
    says('live ones stay', count($handler->getSessionRef(42)));
    $UID = 42;
    ini_set('session.gc_maxlifetime', 1);
    $handler->write('sessionshort', 'u|i:1;');
    ini_set('session.gc_maxlifetime', 1440);
    says('expires', await(fn () => count($handler->getSessionRef(42)) === 2));

    // By another worker, with nothing but the storage in common; and the end of a session takes its entry along.
    $other = ($which->make)();
    $handler->destroy('sessionnumber');
    says('another worker', array_keys(named($which, $other->getSessionRef(42), $names)));
    says('ended', $other->delSessionRef(42));
    says('none to end', $other->delSessionRef(42));
    says('gone', [$handler->read('sessiondigits'), $handler->getSessionRef(42)]);
    says('the others are there', array_keys(named($which, $handler->getSessionsRefs(), $names)));
    says('close', $handler->close());

    // Through PHP, twice in one request: the original had closed its database by then.
    $id = 'throughphp' . strtolower($which->name);
    session_id($id);
    session_set_save_handler($handler, true);
    foreach (['cay', 'dan'] as $UID) {
        session_start();
        $_SESSION['of'] = $UID;
        session_write_close();
    }
    says('through PHP', [count($handler->getSessionRef('cay')), count($handler->getSessionRef('dan'))]);

    // Log in once only: who logs in ends the other sessions of the same name.
    $UID = 'eve';
    $handler->write('browserone', 'n|i:1;');
    $handler->delSessionRef('eve');
    $handler->write('browsertwo', 'n|i:2;');
    says('one log-in', [$handler->read('browserone'), $handler->read('browsertwo')]);
    unset($GLOBALS['UID'], $handler, $other);
    $transcripts[$which->name] = ob_get_clean();
}

$first = current($transcripts);
foreach ($transcripts as $name => $transcript) {
    echo "== $name\n";
    if ($transcript === $first) {
        echo $name === key($transcripts) ? $transcript : "the same\n";
        continue;
    }
    // Where it tells something else.
    $lines = explode("\n", $first);
    foreach (explode("\n", $transcript) as $i => $line) {
        if ($line !== ($lines[$i] ?? '')) {
            echo "$line\n";
        }
    }
}
?>
--EXPECT--
== SQLite
open: yes
missing: array (
  0 => '',
  1 => true,
)
nothing yet: array (
  0 => 
  array (
  ),
  1 => 
  array (
  ),
  2 => 
  array (
  ),
)
written: 100
read: 100
without a reference: array (
)
destroyed: 100
all: 100
one: 100
each ended: 100
none left: array (
  0 => 
  array (
  ),
  1 => '',
)
all: array (
  'number' => '42 int',
  'digits' => '42 int',
  'text' => '\'ann\' int',
  'bar' => '\'a|b\' int',
  'zeros' => '\'042\' int',
)
42: array (
  0 => 'number',
  1 => 'digits',
)
'42': array (
  0 => 'number',
  1 => 'digits',
)
'a|b': array (
  0 => 'bar',
)
'a': array (
)
'042': array (
  0 => 'zeros',
)
'ann': array (
  0 => 'text',
)
'an': array (
)
again: yes
and without: yes
still hers: array (
  0 => 'text',
)
his now: array (
  0 => 0,
  1 => 1,
)
nobody's: array (
  0 => 0,
  1 => 0,
  2 => 'u|i:5;',
)
gc: yes
live ones stay: 2
expires: yes
another worker: array (
  0 => 'digits',
)
ended: yes
none to end: yes
gone: array (
  0 => '',
  1 => 
  array (
  ),
)
the others are there: array (
  0 => 'bar',
  1 => 'zeros',
)
close: yes
through PHP: array (
  0 => 0,
  1 => 1,
)
one log-in: array (
  0 => '',
  1 => 'n|i:2;',
)
== Redis
  'number' => '42 string',
  'digits' => '42 string',
  'text' => '\'ann\' string',
  'bar' => '\'a|b\' string',
  'zeros' => '\'042\' string',
none to end: no
== Memcache
the same
== MySQL
none to end: 0
