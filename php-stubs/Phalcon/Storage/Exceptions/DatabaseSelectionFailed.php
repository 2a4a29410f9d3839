<?php

namespace Phalcon\Storage\Exceptions;

/**
 * The server has no database of the number in the option `index`.
 *
 * Phalcon 5.14's class. Its parent is what older versions throw.
 */
class DatabaseSelectionFailed extends \Phalcon\Storage\Exception
{
}
