<?php

declare(strict_types=1);

namespace Phalcon\Mvc;

use Phalcon\Di\Injectable;

/** The base of controllers. `onConstruct()` is called if there is one. */
abstract class Controller extends Injectable
{
    final public function __construct()
    {
        if (method_exists($this, 'onConstruct')) {
            $this->onConstruct();
        }
    }
}
