<?php

namespace Phalcon\Storage\Serializer\Exceptions;

/**
 * A serializer was given a value that it does not take.
 *
 * Phalcon 5.14's class; as there its parent is PHP's own, which older versions throw.
 */
class InvalidSerializationInput extends \InvalidArgumentException
{
}
