<?php

namespace Phalcon\Storage\Exceptions;

/**
 * An option makes no sense. The message names it, what was expected and what was given.
 *
 * Phalcon 5.14's class. Its parent is what older versions throw.
 */
class InvalidConfiguration extends \Phalcon\Storage\Exception
{
}
