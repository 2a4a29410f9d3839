<?php

declare(strict_types=1);

namespace Phalcon\Di;

use Phalcon\Session\Bag;

/**
 * An object with the services of a container as properties: `$this->session`, `$this->db`, ...
 *
 * `$this->persistent` is a bag of the session that has the name of the class: the service `sessionBag` if there is one.
 * The container is the one that was set, else the default one.
 *
 * @property DiInterface $di
 * @property Bag         $persistent
 */
abstract class Injectable implements InjectionAwareInterface
{
    protected ?DiInterface $container = null;

    private ?Bag $bag = null;

    public function getDI()
    {
        return $this->container ??= \Phalcon\Di::getDefault();
    }

    public function setDI(DiInterface $container)
    {
        $this->container = $container;
        $this->bag = null;
    }

    public function __get(string $name): mixed
    {
        $container = $this->getDI() ?? throw new Exception("A dependency injection container is required to access '$name'");
        return match ($name) {
            'di' => $container,
            'persistent' => $this->bag ??= $container->has('sessionBag')
                ? $container->get('sessionBag', [static::class, $container])
                : new Bag(static::class, $container),
            default => $container->getShared($name),
        };
    }

    public function __isset(string $name): bool
    {
        return in_array($name, ['di', 'persistent'], true) || ($this->getDI()?->has($name) ?? false);
    }
}
