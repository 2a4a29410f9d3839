<?php

namespace Phalcon\Session;

/**
 * Sessions by the names of their adapters, as in Phalcon 3:
 *
 *     $session = Phalcon\Session\Factory::load(['adapter' => 'redis', 'uniqueId' => 'my-app', 'host' => '127.0.0.1']);
 *     $session->start();
 */
class Factory extends \Phalcon\Factory
{
    /**
     * A session, not started. `adapter` is the name of a class in `Phalcon\Session\Adapter`, in any case: one of Seshat's (`files`, `redis`, ...) or any
     * other that implements {@see AdapterInterface}. The other options are given to its constructor.
     *
     * @param array<string, mixed>|object $config an object must have a method `toArray()`
     *
     * @return AdapterInterface
     *
     * @throws \Phalcon\Factory\Exception when there are no options, no `adapter` among them, or no such adapter; the message says which store is missing, or
     *     the nearest name
     */
    public static function load(#[\SensitiveParameter] $config)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }
}
