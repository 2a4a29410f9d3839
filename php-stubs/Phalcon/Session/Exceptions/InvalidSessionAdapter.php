<?php

namespace Phalcon\Session\Exceptions;

/**
 * `Manager::start()` was called without an adapter.
 *
 * Phalcon 5.14 introduced this class; catching `Phalcon\Session\Exception` serves every version.
 */
class InvalidSessionAdapter extends \Phalcon\Session\Exception
{
    /** @var string what it says when it is made without a message, as Phalcon's always is */
    protected $message = 'The session adapter is not valid';
}
