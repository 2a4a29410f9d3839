--TEST--
SessionHandler around the native module keeps strict mode
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

// PHP's own SessionHandler has no validateId; a user's wrapper adds what it needs by hand.
class Strict extends SessionHandler implements SessionUpdateTimestampHandlerInterface
{
    public function validateId($id): bool
    {
        return $this->read($id) !== '';
    }

    public function updateTimestamp($id, $data): bool
    {
        return $this->write($id, $data);
    }
}
Face::main(function (Face $face) {
    ini_set('session.use_strict_mode', '1');
    session_set_save_handler(new Strict(), true);
    $face->plant('known', 'n|i:1;');
    says('known', $face->start('known') && session_id() === 'known' && $_SESSION['n'] === 1);
    session_write_close();
    says('stored', $face->peek('known'));
    says('unknown', $face->start('unknown') && session_id() !== 'unknown');
}, ways: ['native']);
--EXPECT--
known: yes
stored: 'n|i:1;'
unknown: yes
