<?php

namespace Phalcon\Factory;

/**
 * A factory was asked for a service that nobody registered.
 *
 * Phalcon 4's class; Phalcon 5 throws `Phalcon\Storage\Exception` for the same.
 */
class Exception extends \Phalcon\Exception
{
}
