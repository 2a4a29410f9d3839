<?php

namespace Phalcon\Session\Exceptions;

/**
 * `Manager::setId()` got an id that is empty or holds more than `a-z A-Z 0-9 , -`.
 *
 * As in Phalcon 5.15; older versions took any text.
 */
class InvalidSessionId extends \Phalcon\Session\Exception
{
    /** @var string what it says when it is made without a message, as Phalcon's always is */
    protected $message = 'The session id contains invalid characters';
}
