--TEST--
Direct calls from an error handler or a destructor, and of close() and create_sid(), leave the session alone
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

Face::role('try', function (Face $face, string $id) {
    $face->install(['lock_wait' => '1ms']);
    tell(@$face->start($id) ? 'free' : 'held');
});
final class Last
{
    public function __construct(private Closure $words)
    {
    }

    public function __destruct()
    {
        ($this->words)();
    }
}
Face::main(function (Face $face) {
    foreach (['log', 'other', 'mine'] as $id) {
        $face->plant($id, 'n|i:1;');
    }
    $log = $face->handler();
    $own = $face->handler();
    $face->way === 'class' && session_set_save_handler($own, true);
    $found = [];
    set_error_handler(function () use ($log, &$found) {
        $found[] = $log->read('log');
        return true;
    });
    says('an id that is none', $face->start('../outside'));
    restore_error_handler();
    says('the error handler read', $found[0] ?? null);
    says('the log is', trim($face->run('try', 'log')));

    $_SESSION['last'] = new Last(fn () => $log->read('other'));
    says('starts', $face->start('mine'));
    says('the other is', trim($face->run('try', 'other')));

    says('mine is', trim($face->run('try', 'mine')));
    says('closes', $own->close());
    says('mine is', trim($face->run('try', 'mine')));
    $id = $own->create_sid();
    $_SESSION['n'] = 2;
    session_write_close();
    says('mine is', trim($face->run('try', 'mine')));
    says('stored', $face->peek('mine'));

    // Somebody else stores a session under the id.
    $face->install(['locking' => '0']);
    $own = $face->handler(['locking' => '0']);
    $face->way === 'class' && session_set_save_handler($own, true);
    $id = $own->create_sid();
    $face->plant($id, 'n|i:5;');
    $face->start($id);
    says('found', $_SESSION['n'] ?? null);
});
--EXPECT--
an id that is none: no
the error handler read: 'n|i:1;'
the log is: 'free'
starts: yes
the other is: 'free'
mine is: 'held'
closes: yes
mine is: 'held'
mine is: 'free'
stored: 'n|i:2;'
found: 5
