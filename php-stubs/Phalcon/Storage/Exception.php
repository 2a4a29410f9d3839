<?php

namespace Phalcon\Storage;

/**
 * The parent of what Phalcon's storage classes throw.
 *
 * Declared for code that catches it. The factories here throw `Phalcon\Factory\Exception`, as Phalcon 4 does.
 */
class Exception extends \Phalcon\Exception
{
}
