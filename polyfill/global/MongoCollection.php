<?php

declare(strict_types=1);

/** A collection of a database. */
class MongoCollection
{
    public function __construct(public readonly MongoDB $db, private readonly string $name)
    {
    }

    public function getName(): string
    {
        return $this->name;
    }

    /** @return array{server: string, options: array<string, mixed>, db: string, collection: string} */
    public function getDescriptor(): array
    {
        return $this->db->client->getDescriptor() + ['db' => (string) $this->db, 'collection' => $this->name];
    }

    public function __toString(): string
    {
        return "$this->db.$this->name";
    }
}
