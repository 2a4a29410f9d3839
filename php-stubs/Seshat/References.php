<?php

namespace Seshat;

/**
 * All references that sessions have at the moment, one after the other: what {@see Handler::allReferences()} gives.
 *
 *     foreach ($handler->allReferences() as $reference) {
 *         printf("%s: %d sessions\n", $reference, $handler->countOf($reference));
 *     }
 *
 * Loads some hundred at a time, however many there are. A reference that has a session from the first step to the last
 * comes exactly once; one that comes or goes meanwhile may or may not. The order is the store's.
 *
 * Every reference is a string, `"42"` as well: a number that the application set is found again by both.
 *
 * Each method may throw {@see Exception} when the store fails. Cannot be cloned or serialized.
 *
 * @implements \Iterator<int, string>
 */
final class References implements \Iterator
{
    /** Whose references they are. */
    private $handler = null;

    /**
     * Asks nothing yet.
     */
    public function __construct(Handler $handler)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * The present reference; "" behind the last one.
     */
    public function current(): string
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * How many came before, from 0.
     */
    public function key(): int
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Goes on to the next.
     */
    public function next(): void
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Begins anew, with what is stored then.
     */
    public function rewind(): void
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Whether there is a present reference.
     */
    public function valid(): bool
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }
}
