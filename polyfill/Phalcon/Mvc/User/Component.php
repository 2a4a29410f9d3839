<?php

declare(strict_types=1);

namespace Phalcon\Mvc\User;

use Phalcon\Di\Injectable;

/** Phalcon 3's base of components. */
class Component extends Injectable
{
}
