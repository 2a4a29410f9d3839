<?php

namespace Phalcon\Storage;

/**
 * Makes storage adapters by name: `apcu`, `libmemcached`, `memory`, `redis` and `stream`.
 *
 * For a session adapter, an object of this very class whose service `redis` or `libmemcached` was not replaced makes it use its native store, with
 * locks. With a child of it, or a service of your own, the storage adapter that it makes does the work.
 */
class AdapterFactory extends \Phalcon\Factory\AbstractFactory
{
    /** @var SerializerFactory|null handed to the adapters that are made */
    protected $serializerFactory = null;

    /**
     * @param array<string, class-string> $services more services, or other classes for those above; their constructors get the serializer
     *     factory and the options
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
     * @return \Phalcon\Storage\Adapter\AdapterInterface
     *
     * @throws \Phalcon\Storage\Exception for a name that nobody registered, or whose class is not there. It is a
     *     `Phalcon\Factory\Exception`, Phalcon 4's class for the same, too
     */
    public function newInstance(string $name, #[\SensitiveParameter] array $options = [])
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * The factory's own services, as Phalcon 4 asks for them. A child may override this or {@see getServices()}.
     *
     * @return array<string, class-string>
     */
    protected function getAdapters()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /** @return class-string<\Exception> `Phalcon\Storage\Exception`, unless a child says otherwise */
    protected function getExceptionClass()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }
}
