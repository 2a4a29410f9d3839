<?php

namespace Phalcon\Storage;

/**
 * Makes serializers by name.
 *
 * `php`, `json`, `base64`, `igbinary`, `msgpack`, `none`, and Phalcon 5's names for a client's own serializer: `memcached_igbinary`,
 * `memcached_json`, `memcached_php`, `redis_igbinary`, `redis_json`, `redis_msgpack`, `redis_none`, `redis_php`.
 */
class SerializerFactory extends \Phalcon\Factory\AbstractFactory
{
    /**
     * @param array<string, class-string> $services more services, or other classes for those above
     */
    public function __construct(array $services = [])
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * A new object of the class that stands behind the name, constructed without arguments.
     *
     * @return \Phalcon\Storage\Serializer\SerializerInterface
     *
     * @throws \Phalcon\Storage\Exception for a name that nobody registered, or whose class or extension is not there
     */
    public function newInstance(string $name)
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
