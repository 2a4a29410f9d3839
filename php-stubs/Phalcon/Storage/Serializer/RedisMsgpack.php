<?php

namespace Phalcon\Storage\Serializer;

/**
 * Phalcon 5's name for "the Redis client serializes, with msgpack": nothing is left to do here.
 *
 * {@see \Phalcon\Storage\Adapter\Redis} then stores what phpredis would with its serializer of that name, numbers and booleans included.
 * Other adapters store the value as it is.
 */
class RedisMsgpack extends \Phalcon\Storage\Serializer\None
{
}
