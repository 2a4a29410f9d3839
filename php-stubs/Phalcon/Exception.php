<?php

namespace Phalcon;

/**
 * The parent of every exception in this family, as in Phalcon 4.
 */
class Exception extends \Exception
{
    /**
     * The text that Phalcon 4 throws where a container lacks a service.
     *
     * @param string $service what was asked for, for instance "the 'session' service"
     * @return string "A dependency injection container is required to access " and the service
     */
    public static function containerServiceNotFound(string $service): string
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }
}
