<?php

namespace Phalcon\Storage;

/**
 * Makes storage objects by name, for {@see \Phalcon\Session\Adapter\Redis}.
 *
 * An object of this very class whose service `redis` was not replaced makes that adapter use its native store. Phalcon's own
 * storage classes (`Phalcon\Storage\Adapter\Redis` and so on) are not part of this extension yet: only services that you
 * register can be made.
 */
class AdapterFactory extends \Phalcon\Factory\AbstractFactory
{
    /** @var SerializerFactory|null handed to the storage objects that are made */
    protected $serializerFactory = null;

    /**
     * @param array<string, class-string> $services class names by service name; their constructors get the serializer factory and
     *     the options
     */
    public function __construct(\Phalcon\Storage\SerializerFactory $factory, array $services = [])
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * A new object of the class that stands behind the name. Each call makes another one.
     *
     * @param array<string, mixed> $options
     *
     * @return object with `get()`, `set()`, `has()` and `delete()` if a session adapter is to use it
     *
     * @throws \Phalcon\Factory\Exception for a name that nobody registered
     */
    public function newInstance(string $name, array $options = [])
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }
}
