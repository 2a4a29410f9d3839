<?php

namespace Phalcon\Storage;

/**
 * Makes serializers by name. Here it exists because {@see AdapterFactory} is constructed with one: Phalcon's own serializers
 * (`php`, `json`, ...) are not part of this extension yet, and only services that you register can be made.
 */
class SerializerFactory extends \Phalcon\Factory\AbstractFactory
{
    /** @param array<string, class-string> $services class names by service name */
    public function __construct(array $services = [])
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * A new object of the class that stands behind the name, constructed without arguments.
     *
     * @return object
     *
     * @throws \Phalcon\Factory\Exception for a name that nobody registered
     */
    public function newInstance(string $name)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }
}
