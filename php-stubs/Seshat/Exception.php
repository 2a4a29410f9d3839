<?php

namespace Seshat;

/**
 * What Seshat's own classes throw: a mistake in the configuration, or a failure in a method that your code called itself.
 *
 * Inside PHP's session functions nothing is thrown: there a failure is one `E_WARNING` with the same text, and the
 * session function returns false.
 *
 * The message says store, operation, place and reason, as in
 * `redis read at 127.0.0.1:6379: connection refused`. It never holds a password, session data or a whole session id.
 * The code is always 0.
 */
class Exception extends \RuntimeException
{
}
