<?php

namespace Phalcon\Session\Exceptions;

/**
 * `Manager::setName()` was called while a session is active.
 *
 * Phalcon 4 throws PHP's `InvalidArgumentException` here; this is Phalcon 5.14's class.
 */
class SessionModificationDenied extends \Phalcon\Session\Exception
{
    /** @var string what it says when it is made without a message, as Phalcon's always is */
    protected $message = 'Cannot set session name after a session has started';
}
