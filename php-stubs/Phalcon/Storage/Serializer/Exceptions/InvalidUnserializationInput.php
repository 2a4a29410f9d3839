<?php

namespace Phalcon\Storage\Serializer\Exceptions;

/**
 * A serializer was given stored bytes that it cannot read.
 *
 * Phalcon 5.14's class; as there its parent is PHP's own, which older versions throw. A storage adapter answers with its default
 * instead.
 */
class InvalidUnserializationInput extends \InvalidArgumentException
{
}
