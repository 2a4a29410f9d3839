<?php

namespace Phalcon\Factory;

/**
 * Names that stand for classes: the parent of Phalcon's factories.
 *
 * Phalcon 4's children say what they have in `getAdapters()`, Phalcon 5's in `getServices()`; both work. No method has a return type, so
 * that children with and without one compile.
 */
abstract class AbstractFactory
{
    /** @var array<string, class-string> class names by service name */
    protected $mapper = [];

    /** @var array<string, object> Phalcon 4.0's, never filled here */
    protected $services = [];

    /** @var string|null the class of the exceptions, where a child of Phalcon 4's time says it here */
    protected $exception = null;

    /**
     * A configuration with an `adapter` in it, as an array.
     *
     * @param array<string, mixed>|object $config an array, or an object with `toArray()`, as Phalcon's `Config`
     *
     * @return array<string, mixed>
     *
     * @throws \Exception of the factory's class, for anything else
     */
    protected function checkConfig($config)
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

    /**
     * The exception for a message.
     *
     * @return \Exception
     */
    protected function getException(string $message)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * The class of the exceptions: what `$this->exception` names, else the factory's usual one.
     *
     * @return class-string<\Exception>
     */
    protected function getExceptionClass()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * The class that stands behind a name. Names are case-sensitive.
     *
     * @return class-string
     *
     * @throws \Exception of the factory's class, for a name that nobody registered
     */
    protected function getService(string $name)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * The factory's own services, as Phalcon 5 asks for them: those of {@see getAdapters()}, unless a child says otherwise.
     *
     * @return array<string, class-string>
     */
    protected function getServices()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Notes the factory's own services, and over them those that are given.
     *
     * @param array<string, class-string> $services class names by service name
     *
     * @return void
     */
    protected function init(array $services = [])
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }
}
