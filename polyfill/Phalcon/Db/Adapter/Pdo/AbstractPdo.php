<?php

declare(strict_types=1);

namespace Phalcon\Db\Adapter\Pdo;

/** What a connection would be made with. None is made: a session adapter takes the options and connects by itself. */
abstract class AbstractPdo
{
    /** @param array<string, mixed> $descriptor host, port, username, password, dbname, charset, options, ... */
    public function __construct(#[\SensitiveParameter] private readonly array $descriptor)
    {
    }

    /** @return array<string, mixed> the options as they were given, the password among them */
    public function getDescriptor(): array
    {
        return $this->descriptor;
    }

    /** The dialect: "mysql", "sqlite". */
    abstract public function getType(): string;

    /** Without the password. */
    public function __debugInfo(): array
    {
        return array_diff_key($this->descriptor, ['password' => true]);
    }
}
