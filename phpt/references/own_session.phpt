--TEST--
Ending all sessions without exception ends one's own as session_destroy() does
--SKIPIF--
<?php require __DIR__ . '/../include/skip-without-redis.inc'; ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

Face::main(function (Face $face) {
    $handler = $face->handler(['ref' => 'user']);
    session_set_save_handler($handler, true);
    $face->start('own');
    $_SESSION['user'] = 42;
    session_write_close();
    $face->start('own');
    says('ended', $handler->destroyAllOf(42));
    $_SESSION['late'] = 1;
    says('closed', session_write_close());
    says('stored', $face->peek('own'));
    // And the next one begins anew, under the same id as well.
    $face->start('own');
    says('data', $_SESSION);
    $_SESSION['user'] = 42;
    session_write_close();
    says('sessions', $handler->countOf(42));
    // A subclass may encrypt: the reference is not taken from what is stored.
    session_set_save_handler(new class ($face->dsn(['ref' => 'user'])) extends Seshat\Handler {
        public function read(string $id): string|false
        {
            return strrev((string) parent::read($id));
        }

        public function write(string $id, string $data): bool
        {
            return parent::write($id, strrev($data));
        }
    }, true);
    $face->start('secret');
    $_SESSION['user'] = 42;
    session_write_close();
    says('sessions', $handler->countOf(42));
    says('stored', $face->peek('secret'));
}, ['files', 'sqlite', 'redis'], ['class']);
--EXPECT--
ended: 1
closed: yes
stored: NULL
data: array (
)
sessions: 1
sessions: 2
stored: ';24:i|resu'
