<?php

namespace Phalcon;

/**
 * The parent of every exception in this family, as in Phalcon 4.
 *
 * Phalcon 4's static `containerServiceNotFound()` is not here: nothing in this family needs a container.
 */
class Exception extends \Exception
{
}
