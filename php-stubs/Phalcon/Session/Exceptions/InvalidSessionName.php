<?php

namespace Phalcon\Session\Exceptions;

/**
 * `Manager::setName()` got a name that is empty, holds more than letters, digits, `_` and `-`, or is digits only.
 *
 * Phalcon 4 throws PHP's `InvalidArgumentException` here; this is Phalcon 5.14's class.
 */
class InvalidSessionName extends \Phalcon\Session\Exception
{
    /** @var string what it says when it is made without a message, as Phalcon's always is */
    protected $message = 'The name contains non alphanum characters';
}
