<?php

namespace Phalcon\Storage\Exceptions;

/**
 * The storage failed in another way: a full disk, a key of another type, a value that cannot be stored.
 *
 * Phalcon 5.14's class. Its parent is what older versions throw.
 */
class StorageError extends \Phalcon\Storage\Exception
{
}
