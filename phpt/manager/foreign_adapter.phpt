--TEST--
Any SessionHandlerInterface is an adapter: Seshat\Handler, and a class of the user's
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; if (!class_exists('Phalcon\\Session\\Manager')) die('skip the family is not there'); ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

use Phalcon\Session\Manager;

final class InAnArray implements SessionHandlerInterface
{
    public array $records = [];

    public function open($path, $name): bool { return true; }
    public function close(): bool { return true; }
    public function read($id): string { return $this->records[$id] ?? ''; }
    public function write($id, $data): bool { $this->records[$id] = $data; return true; }
    public function destroy($id): bool { unset($this->records[$id]); return true; }
    public function gc($seconds): int { return 0; }
}
Face::main(function (Face $face) {
    foreach ([$face->handler(), new InAnArray()] as $adapter) {
        $session = (new Manager())->setAdapter($adapter)->setId('visitor');
        says('starts', $session->start());
        $session->set('n', 1);
        session_write_close();
        says('stored', $adapter->read('visitor'));
    }
}, ways: ['class']);
--EXPECT--
starts: yes
stored: 'n|i:1;'
starts: yes
stored: 'n|i:1;'
