<?php

namespace Phalcon\Storage\Serializer;

/**
 * Phalcon 5's name for "the memcached client serializes, with json": nothing is left to do here.
 */
class MemcachedJson extends \Phalcon\Storage\Serializer\None
{
}
