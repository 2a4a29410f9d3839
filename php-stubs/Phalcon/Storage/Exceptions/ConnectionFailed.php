<?php

namespace Phalcon\Storage\Exceptions;

/**
 * The server cannot be reached, did not answer in time, or broke the connection.
 *
 * Phalcon 5.14's class. Its parent is what older versions throw.
 */
class ConnectionFailed extends \Phalcon\Storage\Exception
{
}
