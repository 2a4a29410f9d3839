<?php

declare(strict_types=1);

/** A database of a server. */
class MongoDB
{
    public function __construct(public readonly MongoClient $client, private readonly string $name)
    {
    }

    public function selectCollection(string $name): MongoCollection
    {
        return new MongoCollection($this, $name);
    }

    public function __get(string $name): MongoCollection
    {
        return $this->selectCollection($name);
    }

    public function __toString(): string
    {
        return $this->name;
    }
}
