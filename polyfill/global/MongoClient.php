<?php

declare(strict_types=1);

/** A server of MongoDB by its name, as the old client had it: `$client->database->collection`. No connection is made. */
class MongoClient
{
    /** @param array<string, mixed> $options */
    public function __construct(
        #[\SensitiveParameter] private readonly string $server = 'mongodb://localhost:27017',
        #[\SensitiveParameter] private readonly array $options = [],
    ) {
    }

    public function selectDB(string $name): MongoDB
    {
        return new MongoDB($this, $name);
    }

    public function selectCollection(string $database, string $name): MongoCollection
    {
        return $this->selectDB($database)->selectCollection($name);
    }

    public function __get(string $name): MongoDB
    {
        return $this->selectDB($name);
    }

    /** @return array{server: string, options: array<string, mixed>} */
    public function getDescriptor(): array
    {
        return ['server' => $this->server, 'options' => $this->options];
    }

    /** Server and options may hold a password. */
    public function __debugInfo(): array
    {
        return [];
    }
}
