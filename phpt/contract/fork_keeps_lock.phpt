--TEST--
A child that ends does not give its parent's lock away
--EXTENSIONS--
pcntl
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

Face::role('ask', function (Face $face) {
    tell('asks');
    $face->start('family');
    tell($_SESSION['n']);
});
Face::main(function (Face $face) {
    $face->plant('family', 'n|i:1;');
    $face->start('family');
    $pid = pcntl_fork();
    if ($pid === 0) {
        ob_end_clean();
        session_abort();
        exit(0);
    }
    pcntl_waitpid($pid, $status);
    $other = $face->spawn('ask');
    says('another process', $other->line());
    says('waits', $other->isSilent());
    $_SESSION['n'] = 2;
    says('closes', session_write_close());
    says('it finds', $other->line());
    $other->rest();
});
--EXPECT--
another process: 'asks'
waits: yes
closes: yes
it finds: '2'
