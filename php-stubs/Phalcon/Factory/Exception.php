<?php

namespace Phalcon\Factory;

/**
 * A factory was asked for a service that nobody registered, or was given a configuration that is none.
 */
class Exception extends \Phalcon\Exception
{
}
