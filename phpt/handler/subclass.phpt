--TEST--
A user's class can extend the handler and call its parent
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

// The usual reason: data that is encrypted at rest.
final class Sealed extends Seshat\Handler
{
    public array $calls = [];

    public function __construct(string $dsn, private readonly string $key)
    {
        parent::__construct($dsn);
    }

    public function read($id): string|false
    {
        $this->calls[] = 'read';
        $data = parent::read($id);
        return $data === false || $data === '' ? $data : $this->turn($data);
    }

    public function write($id, $data): bool
    {
        $this->calls[] = 'write';
        return parent::write($id, $this->turn($data));
    }

    public function updateTimestamp($id, $data): bool
    {
        $this->calls[] = 'touch';
        return parent::updateTimestamp($id, $this->turn($data));
    }

    public function create_sid(): string
    {
        $this->calls[] = 'create_sid';
        return 'tenant-' . parent::create_sid();
    }

    private function turn(string $data): string
    {
        return $data ^ str_repeat($this->key, intdiv(strlen($data), strlen($this->key)) + 1);
    }
}

Face::role('wait', function (Face $face) {
    tell('asks');
    $handler = new Sealed($face->dsn(), 'k3y');
    session_set_save_handler($handler, true);
    $face->start('sealed');
    tell($_SESSION['n']);
});
Face::main(function (Face $face) {
    $handler = new Sealed($face->dsn(), 'k3y');
    session_set_save_handler($handler, true);
    $face->start('sealed');
    $_SESSION['n'] = 'secret';
    session_write_close();
    says('stored in clear', str_contains($face->peek('sealed'), 'secret'));
    $face->start('sealed');
    says('read', $_SESSION['n']);
    // The parent's lock works through the child.
    $other = $face->spawn('wait');
    says('another process', $other->line());
    says('waits', $other->isSilent());
    session_write_close();
    says('and gets', $other->line());
    $other->rest();

    session_id('');
    session_start();
    says('its own ids', preg_match('/^tenant-[0-9a-v]{32}$/', session_id()) === 1);
    session_write_close();
    echo implode(' ', $handler->calls), "\n";
}, ways: ['class']);
--EXPECT--
stored in clear: no
read: 'secret'
another process: 'asks'
waits: yes
and gets: 'secret'
its own ids: yes
read write read touch create_sid read write
