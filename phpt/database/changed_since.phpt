--TEST--
A session that cannot be locked is replaced only if it is still what was read
--EXTENSIONS--
pdo
pdo_sqlite
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; if (!class_exists("Phalcon\\Session\\Adapter\\Database")) die('skip the family is not there'); ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
session.serialize_handler=php
--FILE--
<?php
require __DIR__ . '/../include/face.inc';
require __DIR__ . '/../include/database.inc';

ob_start();
tell_warnings();
$pdo = sqlite();
$session = new Phalcon\Session\Adapter\Database(['db' => $pdo, 'table' => 'session_data']);
$stored = fn () => $pdo->query("SELECT data FROM session_data WHERE session_id = 'one'")->fetchColumn();
// Another request, with a connection or without.
$set = fn (string $data) => $pdo->exec("INSERT INTO session_data VALUES ('one', '$data', " . time() . ', NULL) ON CONFLICT DO UPDATE SET data = excluded.data');
$remove = fn () => $pdo->exec('DELETE FROM session_data');
$visit = function (callable $meanwhile, ?int $n = 1) use ($session) {
    session_id('one');
    $session->start();
    if ($n !== null) {
        $session->n = $n;
    }
    $meanwhile();
    session_write_close();
};
$cases = [
    'nobody else' => [fn () => $set('n|i:0;'), fn () => null],
    'changed' => [fn () => $set('n|i:0;'), fn () => $set('n|i:7;')],
    'changed in the same way' => [fn () => $set('n|i:0;'), fn () => $set('n|i:1;')],
    'changed in the case of a letter' => [fn () => $set('a|s:1:"x";'), fn () => $set('a|s:1:"X";')],
    'ended' => [fn () => $set('n|i:0;'), $remove],
    'new' => [$remove, fn () => null],
    'new, and made by another' => [$remove, fn () => $set('n|i:7;')],
    'expired' => [fn () => $set('n|i:0;') . $pdo->exec('UPDATE session_data SET created_at = 5, modified_at = NULL'), fn () => null],
    'expired, and removed by gc' => [fn () => $set('n|i:0;') . $pdo->exec('UPDATE session_data SET created_at = 5, modified_at = NULL'), $remove],
    'expired, and made by another' => [fn () => $set('n|i:0;') . $pdo->exec('UPDATE session_data SET created_at = 5, modified_at = NULL'), fn () => $set('n|i:7;') . $pdo->exec('UPDATE session_data SET created_at = ' . time())],
    'expired in its hands' => [fn () => $set('n|i:0;'), fn () => $pdo->exec('UPDATE session_data SET created_at = 5, modified_at = NULL')],
];
foreach ($cases as $case => [$before, $meanwhile]) {
    $before();
    $visit($meanwhile);
    says($case, $stored());
}
foreach (['unchanged, and changed by another' => fn () => $set('n|i:7;'), 'unchanged, and ended' => $remove] as $case => $meanwhile) {
    $set('n|i:0;');
    $visit($meanwhile, null);
    says($case, $stored());
}
foreach (['on_lock_lost' => 'overwrite', 'locking' => 0] as $option => $value) {
    $session = new Phalcon\Session\Adapter\Database(['db' => $pdo, 'table' => 'session_data', $option => $value]);
    $visit = (fn ($visit) => function (callable $meanwhile) use ($session) {
        session_id('one');
        $session->start();
        $session->n = 1;
        $meanwhile();
        session_write_close();
    })($visit);
    $set('n|i:0;');
    $visit(fn () => $set('n|i:7;'));
    says("$option, changed", $stored());
    $set('n|i:0;');
    $visit($remove);
    says("$option, ended", $stored());
}
// Two changes of one request.
$session = new Phalcon\Session\Adapter\Database(['db' => $pdo, 'table' => 'session_data']);
$set('n|i:0;');
$session->start();
$session->n = 1;
says('a direct write', $session->write('one', 'n|i:3;'));
session_write_close();
says('goes before', $stored());
--EXPECT--
nobody else: 'n|i:1;'
! database write at session_data of PDO: session o... was changed by another request since it was read (sessions cannot be locked by this connection); this write was refused, and what is stored stays as it is
changed: 'n|i:7;'
changed in the same way: 'n|i:1;'
! database write at session_data of PDO: session o... was changed by another request since it was read (sessions cannot be locked by this connection); this write was refused, and what is stored stays as it is
changed in the case of a letter: 'a|s:1:"X";'
! database write at session_data of PDO: session o... was ended by another request while this one had it; this write was refused, and what is stored stays as it is
ended: no
new: 'n|i:1;'
! database write at session_data of PDO: session o... was changed by another request since it was read (sessions cannot be locked by this connection); this write was refused, and what is stored stays as it is
new, and made by another: 'n|i:7;'
expired: 'n|i:1;'
expired, and removed by gc: 'n|i:1;'
! database write at session_data of PDO: session o... was changed by another request since it was read (sessions cannot be locked by this connection); this write was refused, and what is stored stays as it is
expired, and made by another: 'n|i:7;'
expired in its hands: 'n|i:1;'
unchanged, and changed by another: 'n|i:7;'
unchanged, and ended: no
on_lock_lost, changed: 'n|i:1;'
! database write at session_data of PDO: session o... was ended by another request while this one had it; this write was refused, and what is stored stays as it is
on_lock_lost, ended: no
locking, changed: 'n|i:1;'
locking, ended: 'n|i:1;'
a direct write: yes
goes before: 'n|i:1;'
