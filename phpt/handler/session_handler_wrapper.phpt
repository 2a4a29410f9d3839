--TEST--
PHP's own SessionHandler wraps the native module
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

class Counting extends SessionHandler
{
    public array $calls = [];

    public function read($id): string|false
    {
        $this->calls[] = 'read';
        return parent::read($id);
    }

    public function write($id, $data): bool
    {
        $this->calls[] = 'write';
        return parent::write($id, $data);
    }
}
Face::role('wait', function (Face $face) {
    tell('asks');
    session_set_save_handler(new Counting(), true);
    $face->start('wrapped');
    tell($_SESSION['n']);
});
Face::main(function (Face $face) {
    $handler = new Counting();
    session_set_save_handler($handler, true);
    says('starts', $face->start('wrapped'));
    $_SESSION['n'] = 1;
    session_write_close();
    says('stored', $face->peek('wrapped'));
    $face->start('wrapped');
    $other = $face->spawn('wait');
    says('another process', $other->line());
    says('waits', $other->isSilent());
    $_SESSION['n'] = 2;
    session_write_close();
    says('and finds', $other->line());
    $other->rest();

    session_id('');
    session_start();
    says('a new id', preg_match('/^[0-9a-v]{32}$/', session_id()) === 1);
    says('regenerates', session_regenerate_id(true));
    session_destroy();
    echo implode(' ', $handler->calls), "\n";
}, ways: ['native']);
--EXPECT--
starts: yes
stored: 'n|i:1;'
another process: 'asks'
waits: yes
and finds: '2'
a new id: yes
regenerates: yes
read write read write read read
