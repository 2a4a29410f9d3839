<?php

namespace Phalcon\Storage;

/**
 * What Phalcon's storage classes throw, and their factories for a name that nobody registered.
 *
 * In Phalcon 4 the factories throw {@see \Phalcon\Factory\Exception}, in Phalcon 5 this one. Here it is a child of the other, so that
 * code of both times catches it.
 */
class Exception extends \Phalcon\Factory\Exception
{
}
