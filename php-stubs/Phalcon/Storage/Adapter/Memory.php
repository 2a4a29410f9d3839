<?php

namespace Phalcon\Storage\Adapter;

/**
 * An array in the object: for one request, and for tests.
 *
 * It ends with the object, and nothing in it expires before, as in Phalcon.
 */
class Memory extends \Phalcon\Storage\Adapter\AbstractAdapter
{
    /** @var array<string, mixed> what the serializer made of the values, by stored key */
    protected $data = [];

    /**
     * Options: those of {@see AbstractAdapter}.
     *
     * @param array<string, mixed> $options
     *
     * @throws \Phalcon\Storage\Exception when an option makes no sense, or there is no such serializer
     */
    public function __construct(\Phalcon\Storage\SerializerFactory $factory, array $options = [])
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Removes every key with this adapter's prefix, and no other.
     *
     * @return bool true
     */
    public function clear()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * The keys that are stored, each with the adapter's prefix before it, in the order of their bytes.
     *
     * Upper and lower case differ, as in Phalcon 5.
     *
     * @param string $prefix only keys that go on with this
     *
     * @return list<string>
     */
    public function getKeys(string $prefix = '')
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * As `set()`: nothing here expires.
     *
     * @param mixed $value
     *
     * @return bool true
     */
    public function setForever(string $key, $value)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * As {@see doIncrement()}.
     *
     * @return int|bool
     */
    protected function doDecrement(string $key, int $value = 1)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Does what `delete()` is asked for.
     *
     * @return bool
     */
    protected function doDelete(string $key)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Does what `get()` is asked for.
     *
     * @return mixed the value, unserialized
     */
    protected function doGet(string $key, $defaultValue = null)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Does what `has()` is asked for.
     *
     * @return bool
     */
    protected function doHas(string $key)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Does what `increment()` is asked for. What is no number counts as PHP's `(int)` makes it.
     *
     * @return int|bool false if there is no such key, or the sum would be too large
     */
    protected function doIncrement(string $key, int $value = 1)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Does what `set()` is asked for.
     *
     * @return bool
     */
    protected function doSet(string $key, $value, $ttl = null)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }
}
