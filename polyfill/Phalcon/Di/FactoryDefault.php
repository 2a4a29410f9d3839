<?php

declare(strict_types=1);

namespace Phalcon\Di;

use Phalcon\Session\Adapter\Files;
use Phalcon\Session\Bag;

/** A container with the services of sessions: `sessionBag`, and `session` as Phalcon 3 has it, not started. */
class FactoryDefault extends \Phalcon\Di
{
    public function __construct()
    {
        parent::__construct();
        $this->set('sessionBag', fn (string $name, ?DiInterface $container = null) => new Bag($name, $container ?? $this));
        if (class_exists(Files::class)) {
            $this->setShared('session', Files::class);
        }
    }
}
