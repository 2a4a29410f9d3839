--TEST--
Managers of users, written against Phalcon 4 and 5, compile without a word and work
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; if (!class_exists('Phalcon\\Session\\Manager')) die('skip the family is not there'); ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
error_reporting=-1
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

use Phalcon\Session\{Manager, ManagerInterface};

/** As Phalcon 4 declares its manager's methods. */
class OfFour extends Manager
{
    public array $log = [];

    public function __construct(array $options = []) { $this->log[] = 'made'; parent::__construct($options); }
    public function __get(string $key) { return parent::__get($key); }
    public function __isset(string $key): bool { return parent::__isset($key); }
    public function __set(string $key, $value): void { parent::__set($key, $value); }
    public function __unset(string $key): void { parent::__unset($key); }
    public function exists(): bool { return parent::exists(); }
    public function destroy(): void { parent::destroy(); }
    public function get(string $key, $defaultValue = null, bool $remove = false) { $this->log[] = "get $key"; return parent::get($key, $defaultValue, $remove); }
    public function getAdapter(): SessionHandlerInterface { return parent::getAdapter(); }
    public function getId(): string { return parent::getId(); }
    public function getName(): string { return parent::getName(); }
    public function getOptions(): array { return parent::getOptions(); }
    public function has(string $key): bool { $this->log[] = "has $key"; return parent::has($key); }
    public function regenerateId($deleteOldSession = true): ManagerInterface { return parent::regenerateId($deleteOldSession); }
    public function remove(string $key): void { $this->log[] = "remove $key"; parent::remove($key); }
    public function set(string $key, $value): void { $this->log[] = "set $key"; parent::set($key, $value); }
    public function setAdapter(SessionHandlerInterface $adapter): ManagerInterface { return parent::setAdapter($adapter); }
    public function setId(string $id): ManagerInterface { return parent::setId($id); }
    public function setName(string $name): ManagerInterface { return parent::setName($name); }
    public function setOptions(array $options): void { parent::setOptions($options); }
    public function start(): bool { $this->log[] = 'start'; return parent::start(); }
    public function status(): int { return parent::status(); }
}

/** As Phalcon 5 does, narrowed as PHP 8 allows. */
class OfFive extends Manager
{
    public function __get(string $key): mixed { return parent::__get($key); }
    public function get(string $key, mixed $defaultValue = null, bool $remove = false): mixed { return parent::get($key, $defaultValue, $remove); }
    public function getAdapter(): ?SessionHandlerInterface { return parent::getAdapter(); }
    public function regenerateId(bool $deleteOldSession = true): static { parent::regenerateId($deleteOldSession); return $this; }
    public function set(string $key, mixed $value): void { parent::set($key, $value); }
    public function setAdapter(SessionHandlerInterface $adapter): self { parent::setAdapter($adapter); return $this; }
    public function setId(string $id): static { parent::setId($id); return $this; }
    public function start(): bool { return parent::start(); }
    protected function phpHeadersSent(): bool { return false; }
}

/** One of the user's own, over nothing. */
class Own implements ManagerInterface
{
    private array $values = [];

    public function __get(string $key) { return $this->get($key); }
    public function __isset(string $key): bool { return $this->has($key); }
    public function __set(string $key, $value): void { $this->set($key, $value); }
    public function __unset(string $key): void { $this->remove($key); }
    public function exists(): bool { return true; }
    public function destroy(): void { $this->values = []; }
    public function get(string $key, $defaultValue = null, bool $remove = false) { return $this->values[$key] ?? $defaultValue; }
    public function getId(): string { return 'own'; }
    public function getAdapter(): SessionHandlerInterface { return new Phalcon\Session\Adapter\Noop(); }
    public function getName(): string { return 'own'; }
    public function getOptions(): array { return []; }
    public function has(string $key): bool { return isset($this->values[$key]); }
    public function remove(string $key): void { unset($this->values[$key]); }
    public function set(string $key, $value): void { $this->values[$key] = $value; }
    public function setAdapter(SessionHandlerInterface $adapter): ManagerInterface { return $this; }
    public function setId(string $id): ManagerInterface { return $this; }
    public function setName(string $name): ManagerInterface { return $this; }
    public function setOptions(array $options): void {}
    public function status(): int { return self::SESSION_ACTIVE; }
    public function start(): bool { return true; }
    public function regenerateId($deleteOldSession = true): ManagerInterface { return $this; }
}

ob_start();
foreach ([OfFour::class, OfFive::class, Own::class] as $class) {
    $session = new $class();
    $session->setAdapter(new Phalcon\Session\Adapter\Stream(['savePath' => Face::scratch()]))->setId('visitor' . strtolower($class));
    says("$class starts", $session->start());
    $session->name = 'Ada';
    $session->set(key: 'n', value: 1);
    says('reads', [$session->get(key: 'name'), $session->n, $session->get('no', defaultValue: 'default'), isset($session->no)]);
    unset($session->name);
    says('goes on', $session->regenerateId(true)->has('n') && !$session->has('name'));
    $session->destroy();
    says('is empty', !$session->has('n'));
    if ($class === OfFour::class) {
        // As in Phalcon, the magic methods go by way of the methods that a child may have overridden.
        echo implode(', ', $session->log), "\n";
    }
}
?>
--EXPECT--
OfFour starts: yes
reads: array (
  0 => 'Ada',
  1 => 1,
  2 => 'default',
  3 => false,
)
goes on: yes
is empty: yes
made, start, set name, set n, get name, get n, get no, has no, remove name, has n, has name, has n
OfFive starts: yes
reads: array (
  0 => 'Ada',
  1 => 1,
  2 => 'default',
  3 => false,
)
goes on: yes
is empty: yes
Own starts: yes
reads: array (
  0 => 'Ada',
  1 => 1,
  2 => 'default',
  3 => false,
)
goes on: yes
is empty: yes
