<?php

declare(strict_types=1);

namespace Phalcon\Di;

/** A container that has no such service. */
class Exception extends \Phalcon\Exception
{
}
