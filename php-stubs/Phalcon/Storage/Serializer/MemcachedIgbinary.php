<?php

namespace Phalcon\Storage\Serializer;

/**
 * Phalcon 5's name for "the memcached client serializes, with igbinary": nothing is left to do here.
 */
class MemcachedIgbinary extends \Phalcon\Storage\Serializer\None
{
}
