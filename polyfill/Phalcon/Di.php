<?php

declare(strict_types=1);

namespace Phalcon;

use ArrayAccess;
use Closure;
use Phalcon\Di\DiInterface;
use Phalcon\Di\Exception;
use Phalcon\Di\InjectionAwareInterface;

/**
 * A container: names, and how to make what they stand for.
 *
 * A definition is an object, which is the service; a closure, which makes it and sees the container as `$this`; or the
 * name of a class. The first container of a request is the default one. Also known as `Phalcon\Di\Di`.
 *
 * @implements ArrayAccess<string, mixed>
 */
class Di implements DiInterface, ArrayAccess
{
    private static ?DiInterface $default = null;

    /** @var array<string, mixed> */
    private array $definitions = [];

    /** @var array<string, bool> */
    private array $shared = [];

    /** @var array<string, mixed> what the shared ones have made */
    private array $made = [];

    public function __construct()
    {
        self::$default ??= $this;
    }

    public static function getDefault(): ?DiInterface
    {
        return self::$default;
    }

    public static function setDefault(DiInterface $container): void
    {
        self::$default = $container;
    }

    public static function reset(): void
    {
        self::$default = null;
    }

    /** Defines a service that is made anew for each {@see get()}. */
    public function set(string $name, mixed $definition, bool $shared = false): static
    {
        unset($this->made[$name]);
        $this->definitions[$name] = $definition;
        $this->shared[$name] = $shared;
        return $this;
    }

    /** Defines a service that is made once. */
    public function setShared(string $name, mixed $definition): static
    {
        return $this->set($name, $definition, true);
    }

    public function has(string $name): bool
    {
        return isset($this->definitions[$name]);
    }

    public function remove(string $name): void
    {
        unset($this->definitions[$name], $this->shared[$name], $this->made[$name]);
    }

    /**
     * A service; or an object of a class of that name, if no service has it.
     *
     * @param array<mixed>|null $parameters arguments for the closure or the constructor
     *
     * @throws Exception if there is neither
     */
    public function get(string $name, ?array $parameters = null): mixed
    {
        return $this->shared[$name] ?? false ? $this->getShared($name, $parameters) : $this->make($name, $parameters);
    }

    /** The same as {@see get()}, but once made a service stays, however it was defined. */
    public function getShared(string $name, ?array $parameters = null): mixed
    {
        return $this->made[$name] ??= $this->make($name, $parameters);
    }

    /** @return array<string, mixed> definitions by name */
    public function getServices(): array
    {
        return $this->definitions;
    }

    public function offsetExists(mixed $offset): bool
    {
        return $this->has($offset);
    }

    public function offsetGet(mixed $offset): mixed
    {
        return $this->getShared($offset);
    }

    public function offsetSet(mixed $offset, mixed $value): void
    {
        $this->setShared($offset, $value);
    }

    public function offsetUnset(mixed $offset): void
    {
        $this->remove($offset);
    }

    private function make(string $name, ?array $parameters): mixed
    {
        $definition = $this->definitions[$name] ?? null;
        if ($definition === null && !class_exists($name)) {
            throw new Exception("Service '$name' was not found in the dependency injection container");
        }
        $service = match (true) {
            $definition instanceof Closure => $this->bind($definition)(...$parameters ?? []),
            is_object($definition) => $definition,
            is_string($definition ?? $name) => new ($definition ?? $name)(...$parameters ?? []),
            default => throw new Exception("Service '$name' cannot be resolved: it is no object, closure or class"),
        };
        if ($service instanceof InjectionAwareInterface) {
            $service->setDI($this);
        }
        return $service;
    }

    /** Static closures and those of methods that need their object stay as they are. */
    private function bind(Closure $definition): Closure
    {
        $reflection = new \ReflectionFunction($definition);
        $isFree = !$reflection->isStatic() && $reflection->getClosureThis() === null;
        return $isFree ? $definition->bindTo($this) : $definition;
    }
}

// Type checks load no class: the other name must be there as soon as this one is.
class_alias(Di::class, 'Phalcon\Di\Di');
