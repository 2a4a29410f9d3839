<?php

declare(strict_types=1);

namespace DALMP\Cache;

/** Where a Redis server is, for DALMP\Sessions\Redis. No connection is made, and nothing is cached. */
class Redis
{
    /** @param string $host a name, an address, or the path of a unix socket; $timeout in seconds */
    public function __construct(
        private readonly string $host = '127.0.0.1',
        private readonly int $port = 6379,
        private readonly int|float $timeout = 1,
    ) {
    }
}
