<?php

namespace Phalcon\Support\Collection\Exceptions;

/** A value that a collection of one type does not take. The message names both types, never the value. */
class InvalidValueType extends \Phalcon\Collection\Exception
{
}
