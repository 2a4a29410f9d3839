<?php

namespace Phalcon\Session\Adapter\Exceptions;

/**
 * `new Stream()` found no path: neither the option `savePath` nor `session.save_path` says one, or it is no string.
 *
 * Phalcon 5.14's class.
 */
class InvalidSavePath extends \Phalcon\Session\Exception
{
    /** @var string what it says when it is made without a message, as Phalcon's always is */
    protected $message = 'The session save path cannot be empty';
}
