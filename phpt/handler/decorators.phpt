--TEST--
Decorators, however they call the handler, lock and are refused as the handler itself
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

// Methods of other names between, as frameworks' base classes have them.
abstract class Base implements SessionHandlerInterface, SessionUpdateTimestampHandlerInterface
{
    public function __construct(protected Seshat\Handler $inner)
    {
    }

    public function open(string $path, string $name): bool
    {
        return $this->inner->open($path, $name);
    }

    public function close(): bool
    {
        return $this->ask('close');
    }

    public function read(string $id): string|false
    {
        return $this->ask('read', $id);
    }

    public function write(string $id, string $data): bool
    {
        return $this->ask('write', $id, $data);
    }

    public function destroy(string $id): bool
    {
        return $this->ask('destroy', $id);
    }

    public function gc(int $max_lifetime): int|false
    {
        return $this->ask('gc', $max_lifetime);
    }

    public function validateId(string $id): bool
    {
        return $this->ask('validateId', $id);
    }

    public function updateTimestamp(string $id, string $data): bool
    {
        return $this->ask('updateTimestamp', $id, $data);
    }

    abstract protected function ask(string $method, mixed ...$arguments): mixed;
}
final class Named extends Base
{
    protected function ask(string $method, mixed ...$arguments): mixed
    {
        return $this->inner->$method(...$arguments);
    }
}
final class Indirect extends Base
{
    protected function ask(string $method, mixed ...$arguments): mixed
    {
        return current(array_map(fn (Closure $call) => call_user_func_array($call, $arguments), [$this->inner->$method(...)]));
    }
}
final class Magic extends Base
{
    public function __call(string $name, array $arguments): mixed
    {
        return (new ReflectionMethod($this->inner, substr($name, 2)))->invokeArgs($this->inner, $arguments);
    }

    protected function ask(string $method, mixed ...$arguments): mixed
    {
        return $this->{"do$method"}(...$arguments);
    }
}
final class InFiber extends Base
{
    protected function ask(string $method, mixed ...$arguments): mixed
    {
        $fiber = new Fiber(fn () => $this->inner->$method(...$arguments));
        $fiber->start();
        return $fiber->getReturn();
    }
}
final class InGenerator extends Base
{
    protected function ask(string $method, mixed ...$arguments): mixed
    {
        foreach ((fn () => yield $this->inner->$method(...$arguments))() as $answer) {
            return $answer;
        }
    }
}
function decorate(string $kind, Seshat\Handler $handler): void
{
    if ($kind !== 'closures') {
        session_set_save_handler(new $kind($handler), false);
        return;
    }
    error_reporting(E_ALL & ~E_DEPRECATED);
    session_set_save_handler(
        fn ($path, $name) => $handler->open($path, $name),
        fn () => $handler->close(),
        fn ($id) => $handler->read($id),
        fn ($id, $data) => $handler->write($id, $data),
        fn ($id) => $handler->destroy($id),
        fn ($lifetime) => $handler->gc($lifetime),
    );
    error_reporting(E_ALL);
}
Face::role('hold', function (Face $face) {
    $face->start('busy');
    tell('held');
    hear();
});

// Its session is written when the script is over, without a session function.
Face::role('visit', function (Face $face, string $kind) {
    decorate($kind, $face->handler(['lock_wait' => '1ms', 'on_lock_timeout' => 'readonly']));
    $face->start('busy');
    $_SESSION['n'] = 99;
});
Face::role('store', function (Face $face, string $kind) {
    decorate($kind, $face->handler());
    $face->start('busy');
    $_SESSION['n']++;
});
Face::main(function (Face $face) {
    $face->plant('busy', 'n|i:1;');
    $kinds = [Named::class, Indirect::class, Magic::class, InFiber::class, InGenerator::class, 'closures'];
    $holder = $face->spawn('hold');
    $holder->line();
    foreach ($kinds as $kind) {
        says("$kind is refused", str_contains($face->run('visit', $kind), 'read-only'));
    }
    says('stored', $face->peek('busy'));
    $holder->say('go on');
    $holder->rest();
    foreach ($kinds as $kind) {
        echo $face->run('store', $kind);
    }
    says('stored', $face->peek('busy'));
}, ways: ['class']);
--EXPECT--
Named is refused: yes
Indirect is refused: yes
Magic is refused: yes
InFiber is refused: yes
InGenerator is refused: yes
closures is refused: yes
stored: 'n|i:1;'
stored: 'n|i:7;'
