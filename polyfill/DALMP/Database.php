<?php

declare(strict_types=1);

namespace DALMP;

/** Where a MySQL or MariaDB database is, for DALMP\Sessions\MySQL. No connection is made. */
class Database
{
    /** @var array<string, mixed> */
    private array $dsn;

    /** @param string $dsn charset://user:password@host:port/database; for a socket the host is unix_socket=\path\of\it */
    public function __construct(#[\SensitiveParameter] string $dsn)
    {
        $parts = parse_url($dsn);
        if ($parts === false || !isset($parts['host'])) {
            throw new \InvalidArgumentException('DSN missing: charset://username:password@host:port/database');
        }
        $socket = str_starts_with($parts['host'], 'unix_socket=') ? substr($parts['host'], strlen('unix_socket=')) : null;
        $this->dsn = [
            'host' => $socket === null ? rawurldecode($parts['host']) : null,
            'socket' => $socket === null ? null : strtr($socket, '\\', '/'),
            'port' => $parts['port'] ?? 3306,
            'user' => isset($parts['user']) ? rawurldecode($parts['user']) : null,
            'pass' => isset($parts['pass']) ? rawurldecode($parts['pass']) : null,
            'dbName' => isset($parts['path']) ? rawurldecode(substr($parts['path'], 1)) : null,
        ];
    }

    /** It holds a password. */
    public function __debugInfo(): array
    {
        return [];
    }
}
