<?php

declare(strict_types=1);

namespace Phalcon\Di;

/** What every container can do. Also known as `Phalcon\DiInterface`. */
interface DiInterface
{
    public function get(string $name, ?array $parameters = null): mixed;

    public function getShared(string $name, ?array $parameters = null): mixed;

    public function has(string $name): bool;

    public function remove(string $name): void;

    public function set(string $name, mixed $definition, bool $shared = false): mixed;

    public function setShared(string $name, mixed $definition): mixed;
}

// Type checks load no class: the other name must be there as soon as this one is.
class_alias(DiInterface::class, 'Phalcon\DiInterface');
