--TEST--
A forked child that writes its parent's open session is refused, and told why
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

Face::main(function (Face $face) {
    $face->plant('family', 'n|i:1;');
    $face->start('family');
    $_SESSION['n'] = 2;
    $pid = pcntl_fork();
    if ($pid === 0) {
        ob_end_clean();
        ob_start();
        $_SESSION['n'] = 'by the child';
        session_write_close();
        // Of both warnings the first one, without the endpoint.
        preg_match('/Warning: \S+\(\): \S+ write at .*?: (session [^\n]*) in /', (string) ob_get_clean(), $said);
        file_put_contents("$face->folder/said", $said[1] ?? 'nothing');
        exit(0);
    }
    pcntl_waitpid($pid, $status);
    says('the child is told', file_get_contents("$face->folder/said"));
    says('closes', session_write_close());
    says('stored', $face->peek('family'));
});
--EXPECT--
the child is told: 'session fam... was opened by the process that this one was forked from, and that one or another still holds it; this write was refused, and what is stored stays as it is'
closes: yes
stored: 'n|i:2;'
