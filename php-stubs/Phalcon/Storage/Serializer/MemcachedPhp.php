<?php

namespace Phalcon\Storage\Serializer;

/**
 * Phalcon 5's name for "the memcached client serializes, with php": nothing is left to do here.
 */
class MemcachedPhp extends \Phalcon\Storage\Serializer\None
{
}
