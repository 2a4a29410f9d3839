--TEST--
A forked child uses a connection of its own and leaves the parent's session alone
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
    $face->plant('childs', 'n|i:1;');
    $face->start('family');
    $_SESSION['n'] = 2;
    $pid = pcntl_fork();
    if ($pid === 0) {
        // The child inherited an open session; it leaves it and works on another.
        session_abort();
        $face->start('childs');
        $_SESSION['n'] = 'by the child';
        session_write_close();
        ob_end_clean();
        exit(0);
    }
    pcntl_waitpid($pid, $status);
    says('the child ended well', pcntl_wifexited($status) && pcntl_wexitstatus($status) === 0);
    says('the child stored', $face->peek('childs'));
    says('ours is still as it was', $face->peek('family'));
    says('closes', session_write_close());
    says('stored', $face->peek('family'));
    says('and goes on', $face->start('childs') && $_SESSION['n'] === 'by the child');
});
--EXPECT--
the child ended well: yes
the child stored: 'n|s:12:"by the child";'
ours is still as it was: 'n|i:1;'
closes: yes
stored: 'n|i:2;'
and goes on: yes
