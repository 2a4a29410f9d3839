<?php

namespace Phalcon\Session;

/**
 * What the bags of Phalcon 3 and 5 have in common. The two versions of the interface disagree on the rest; a class that
 * implements either compiles under this one.
 */
interface BagInterface
{
    /** @return mixed */
    public function __get(string $element);

    /** @return bool */
    public function __isset(string $element);

    /** @param mixed $value */
    public function __set(string $element, $value);

    /**
     * @param mixed $defaultValue for an element that is not there
     *
     * @return mixed
     */
    public function get(string $element, $defaultValue = null);

    /** @return bool */
    public function has(string $element);

    /** @param mixed $value */
    public function set(string $element, $value);
}
