<?php

namespace Phalcon\Session\Exceptions;

/**
 * `Manager::setId()` was called while a session is active. `regenerateId()` changes the id of a running session.
 *
 * Phalcon 4 throws PHP's `RuntimeException` here; this is Phalcon 5.14's class.
 */
class SessionAlreadyStarted extends \Phalcon\Session\Exception
{
    /** @var string what it says when it is made without a message, as Phalcon's always is */
    protected $message = 'The session has already been started. To change the id, use regenerateId()';
}
