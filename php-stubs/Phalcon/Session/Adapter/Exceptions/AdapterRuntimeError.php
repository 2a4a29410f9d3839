<?php

namespace Phalcon\Session\Adapter\Exceptions;

/**
 * Declared so that code written for Phalcon 5.14 and later can name it in a catch.
 *
 * Nothing here throws it: Phalcon raises it out of `session_start()` when a lock was not to be had, where this
 * extension gives a warning and lets `session_start()` return false.
 */
class AdapterRuntimeError extends \Phalcon\Session\Exception
{
}
