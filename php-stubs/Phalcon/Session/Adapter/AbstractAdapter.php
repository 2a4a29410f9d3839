<?php

namespace Phalcon\Session\Adapter;

/**
 * A save handler over a storage object, for adapters of your own:
 *
 *     final class Mine extends Phalcon\Session\Adapter\AbstractAdapter
 *     {
 *         public function __construct(object $storage)
 *         {
 *             $this->adapter = $storage; // get, set, has, delete
 *         }
 *     }
 *
 * What the storage object throws goes on to whoever called; a method that is used before `$this->adapter` holds an
 * object throws PHP's `Error`. There is **no lock**: a storage object has no such method. Sessions are locked by
 * {@see Redis} and {@see Stream}, which bring a store of their own.
 *
 * Methods are those of Phalcon 4, and `start()` for add-on adapters whose documents call it; `validateId()` and `updateTimestamp()` are Phalcon 5.15's.
 * No method has a return type, so that children of every version compile.
 */
abstract class AbstractAdapter implements \SessionHandlerInterface, \SessionUpdateTimestampHandlerInterface
{
    /**
     * The storage object. Its methods: `get(string $key)` (null for a missing one), `set(string $key, string $value)`,
     * `has(string $key)` and `delete(string $key)`, the last three with an answer that is true or false.
     *
     * @var object|null
     */
    protected $adapter = null;

    /**
     * Nothing to do.
     *
     * @param string $path
     * @param string $name
     *
     * @return bool true
     */
    #[\ReturnTypeWillChange]
    public function open(string $path, string $name)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Nothing to do.
     *
     * @return bool true
     */
    #[\ReturnTypeWillChange]
    public function close()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * The storage object's `get()`; "" for anything that is no string.
     *
     * @param string $id
     */
    #[\ReturnTypeWillChange]
    public function read(string $id)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * The storage object's `set()`, without a lifetime: the storage object has its own.
     *
     * @param string $id
     * @param string $data
     */
    #[\ReturnTypeWillChange]
    public function write(string $id, string $data)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * The storage object's `delete()`, if its `has()` says that there is such a record; a missing one is a success.
     *
     * @param string $id
     */
    #[\ReturnTypeWillChange]
    public function destroy(string $id)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Nothing to do: storages of this kind expire by themselves.
     *
     * @return int|bool 1, as Phalcon 5.14 answers; Phalcon 4 answers true.
     */
    #[\ReturnTypeWillChange]
    public function gc(int $max_lifetime)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /** The storage object's `has()`. */
    #[\ReturnTypeWillChange]
    public function validateId(string $id)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /** The same as {@see write()}: the storage object knows no other way of extending a lifetime. */
    #[\ReturnTypeWillChange]
    public function updateTimestamp(string $id, string $data)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Registers itself as PHP's save handler, unless it was the last adapter to do so, and starts the session. True if this call started
     * it; false if one is active already, or headers were sent, or PHP could not.
     *
     * @return bool
     */
    public function start()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }
}
