--TEST--
The sessions of a reference: found, counted, listed, ended; numbers and their digits are one reference
--SKIPIF--
<?php require __DIR__ . '/../include/skip-without-redis.inc'; ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
session.gc_maxlifetime=1000
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

function tells(string $what, array $values): void
{
    echo $what, ': ', implode(', ', array_map(json_encode(...), $values)), "\n";
}
Face::main(function (Face $face) {
    $face->install(['ref' => 'user']);
    $users = ['int' => 42, 'digits' => '42', 'bar' => 'a|b', 'bytes' => "\0\xff/..", 'null' => null, 'empty' => '', 'false' => false, 'nought' => 0];
    foreach ($users as $id => $user) {
        $face->start($id);
        $_SESSION['user'] = $user;
        session_write_close();
    }
    $face->start('without');
    $_SESSION['other'] = 42;
    session_write_close();

    // By a handler that only looks.
    $handler = $face->handler();
    $ids = function (int|string $reference) use ($handler) {
        $ids = array_column($handler->sessionsOf($reference), 'id');
        sort($ids);
        return implode(' ', $ids);
    };
    tells('of 42', [$ids(42), $ids('42'), $handler->countOf(42)]);
    tells('of others', [$ids('a|b'), $ids("\0\xff/.."), $ids(0), $ids('a'), $ids('042')]);
    $all = iterator_to_array($handler->allReferences(), false);
    sort($all, SORT_STRING);
    tells('all', array_map(bin2hex(...), $all));
    tells('of sessions', [$handler->referenceOf('int'), $handler->referenceOf('null'), $handler->referenceOf('nobody')]);
    [$first] = $handler->sessionsOf('a|b');
    says('an entry', implode(' ', array_keys($first)));
    says('ends in time', abs($first['expires'] - time() - 1000) < 100);

    // Logged out, logged in as another one, destroyed, another id.
    $face->start('int');
    unset($_SESSION['user']);
    session_write_close();
    $face->start('digits');
    $_SESSION['user'] = 43;
    session_write_close();
    $face->start('bar');
    session_destroy();
    $face->start('bytes');
    session_regenerate_id(true);
    $new = session_id();
    session_write_close();
    tells('afterwards', [$ids(42), $ids(43), $ids('a|b'), $ids("\0\xff/..") === $new]);

    tells('ended', [$handler->destroyAllOf(43), $ids(43), $face->peek('digits'), $handler->destroyAllOf(43)]);
}, ['files', 'sqlite', 'redis']);
--EXPECT--
of 42: "digits int", "digits int", 2
of others: "bar", "bytes", "nought", "", ""
all: "00ff2f2e2e", "30", "3432", "617c62"
of sessions: "42", null, null
an entry: 'id expires'
ends in time: yes
afterwards: "", "digits", "", true
ended: 1, "", null, 0
