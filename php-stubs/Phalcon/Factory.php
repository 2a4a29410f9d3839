<?php

namespace Phalcon;

/** The parent of Phalcon 3's factories: the option `adapter` is the name of a class in the factory's namespace. */
abstract class Factory implements FactoryInterface
{
    /**
     * Makes an object of the class `<namespace>\<adapter>`. Its constructor gets the other options.
     *
     * @param array<string, mixed>|object $config an object must have a method `toArray()`
     *
     * @return object
     *
     * @throws Factory\Exception when there are no options, or no `adapter` among them
     * @throws \Error when there is no such class
     */
    protected static function loadClass(string $namespace, #[\SensitiveParameter] $config)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }
}
