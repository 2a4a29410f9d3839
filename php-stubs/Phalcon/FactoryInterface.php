<?php

namespace Phalcon;

/** What makes an object of a configuration, as in Phalcon 3. */
interface FactoryInterface
{
    /**
     * @param array<string, mixed>|object $config
     *
     * @return object
     */
    public static function load($config);
}
