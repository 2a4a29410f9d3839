<?php

namespace Phalcon\Factory;

/**
 * Names that stand for classes: the parent of Phalcon's factories.
 *
 * Phalcon's abstract `getAdapters()` (4) or `getServices()` (5) and `checkConfig()` are not here.
 */
abstract class AbstractFactory
{
    /** @var array<string, class-string> class names by service name */
    protected $mapper = [];

    /** @var array<string, object> never used here */
    protected $services = [];

    /**
     * Keeps the services. Without an argument what was kept stays.
     *
     * @param array<string, class-string> $services class names by service name
     *
     * @return void
     */
    protected function init(array $services = []): void
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * The class that stands behind a name. Names are case-sensitive.
     *
     * @return class-string
     *
     * @throws Exception for a name that nobody registered
     */
    protected function getService(string $name)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }
}
