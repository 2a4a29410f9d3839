--TEST--
A session that another request holds is ended by destroyAllOf() and does not come back
--SKIPIF--
<?php require __DIR__ . '/../include/skip-without-redis.inc'; ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

const REF = ['ref' => 'user'];

Face::role('busy', function (Face $face, string $id, bool $changes) {
    $face->install(REF);
    $face->start($id);
    tell('holds ' . $_SESSION['user']);
    hear();
    if ($changes) {
        $_SESSION['n'] = 1;
    }
    ob_start();
    session_write_close();
    $said = (string) ob_get_clean();
    tell($said === '' ? 'nothing said' : (str_contains($said, 'was ended by another request while this one had it; this write was refused') ? 'refused' : $said));
    // The visitor's next request begins anew.
    $face->start($id);
    tell($_SESSION === [] ? 'logged out' : 'logged in');
    session_abort();
});
Face::main(function (Face $face) {
    $face->install(REF);
    foreach (['mine', 'changing', 'idle', 'quiet'] as $id) {
        $face->start($id);
        $_SESSION['user'] = 42;
        session_write_close();
    }
    $busy = ['changing' => $face->spawn('busy', 'changing', true), 'idle' => $face->spawn('busy', 'idle', false)];
    foreach ($busy as $id => $process) {
        says($id, $process->line());
    }
    $handler = $face->handler(REF);
    $face->start('mine');
    says('ended', $handler->destroyAllOf(42, except: session_id()));
    $_SESSION['after'] = true;
    session_write_close();
    foreach ($busy as $id => $process) {
        $process->say('go on');
        says($id, $process->line());
        says($id, $process->line());
        echo $process->rest();
    }
    foreach (['mine', 'changing', 'idle', 'quiet'] as $id) {
        says($id, $face->peek($id));
    }
    says('left', array_column($handler->sessionsOf(42), 'id') === ['mine']);
}, ['files', 'sqlite', 'redis']);
--EXPECT--
changing: 'holds 42'
idle: 'holds 42'
ended: 3
changing: 'refused'
changing: 'logged out'
idle: 'nothing said'
idle: 'logged out'
mine: 'user|i:42;after|b:1;'
changing: NULL
idle: NULL
quiet: NULL
left: yes
