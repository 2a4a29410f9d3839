<?php

namespace Phalcon\Session;

/**
 * What the session component throws; the classes in `Exceptions` and `Adapter\Exceptions` extend it.
 *
 * It extends `Phalcon\Exception` as in Phalcon 4. In Phalcon 5 it extends PHP's `Exception` directly: code that
 * catches either finds it.
 *
 * A direct call of an adapter's method that fails throws this class itself, with the store's message
 * (`files read at /var/lib/app: ...`). Inside PHP's session functions the same failure is a warning.
 */
class Exception extends \Phalcon\Exception
{
}
