<?php

namespace Phalcon\Storage\Exceptions;

/**
 * The server refused the user, the password, or the right to do this. The message does not repeat the password.
 *
 * Phalcon 5.14's class. Its parent is what older versions throw.
 */
class AuthenticationFailed extends \Phalcon\Storage\Exception
{
}
