<?php

namespace Phalcon\Session\Adapter\Exceptions;

/**
 * `new Stream()` found that the process may not write into the folder, or that it is not there.
 *
 * Phalcon 5.14's class.
 */
class SavePathUnavailable extends \Phalcon\Session\Exception
{
}
