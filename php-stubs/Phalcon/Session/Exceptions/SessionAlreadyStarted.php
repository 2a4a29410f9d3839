<?php

namespace Phalcon\Session\Exceptions;

/**
 * `Manager::setId()` was called while a session is active. `regenerateId()` changes the id of a running session.
 *
 * Phalcon 4 throws PHP's `RuntimeException` here; this is Phalcon 5.14's class.
 */
class SessionAlreadyStarted extends \Phalcon\Session\Exception
{
}
