<?php

declare(strict_types=1);

namespace Phalcon\Di;

/**
 * An object that wants to know its container: a container tells those that it makes.
 *
 * Without return types, so that classes written for any version of Phalcon implement it.
 */
interface InjectionAwareInterface
{
    /** @return DiInterface|null */
    public function getDI();

    /** @return void */
    public function setDI(DiInterface $container);
}
