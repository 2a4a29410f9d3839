<?php

namespace Phalcon\Storage\Serializer;

/**
 * Phalcon 5's name for "the Redis client does not serialize": the value as it is, as {@see None}.
 */
class RedisNone extends \Phalcon\Storage\Serializer\None
{
}
