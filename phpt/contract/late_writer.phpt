--TEST--
A write after the lock was lost is refused, and the newer data stays
--SKIPIF--
<?php require __DIR__ . '/../include/skip-without-redis.inc'; ?>
--DESCRIPTION--
On files the lock lives as long as its process, so that nobody can lose it: there the second request waits.
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

Face::role('slow', function (Face $face) {
    $face->install(['lock_expire' => 1]);
    $face->start('contended');
    $_SESSION['by'] = 'the slow one';
    tell('holds');
    hear();
    // PHP itself says that closing worked, whatever the handler answered: the warning has to tell.
    ob_start();
    session_write_close();
    $said = (string) ob_get_clean();
    tell(preg_match('/Warning: \S+\(\): (redis|memcached|aerospike|mongodb) write at .*: session conte?\.\.\. /', $said) ? 'refused' : "said: $said");
});
Face::role('quick', function (Face $face) {
    $face->start('contended');
    $_SESSION['by'] = 'the quick one';
    session_write_close();
    tell('stored');
});
Face::main(function (Face $face) {
    $face->plant('contended', 'by|s:6:"nobody";');
    $slow = $face->spawn('slow');
    says('the slow request', $slow->line());
    $quick = $face->spawn('quick');
    says('the quick request, when the lock ran out', $quick->line());
    $quick->rest();
    $slow->say('go on');
    says('the slow request', $slow->line());
    echo $slow->rest();
    says('stored', $face->peek('contended'));
}, ['redis', 'memcached', 'aerospike', 'mongodb']);
--EXPECT--
the slow request: 'holds'
the quick request, when the lock ran out: 'stored'
the slow request: 'refused'
stored: 'by|s:13:"the quick one";'
