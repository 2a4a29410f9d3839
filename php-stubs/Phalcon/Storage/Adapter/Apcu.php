<?php

namespace Phalcon\Storage\Adapter;

/**
 * The memory that the workers of one machine share, over the functions of PHP's extension apcu.
 */
class Apcu extends \Phalcon\Storage\Adapter\AbstractAdapter
{
    /** @var string what stored keys begin with; the option `prefix` */
    protected $prefix = 'ph-apcu-';

    /**
     * Options: those of {@see AbstractAdapter}.
     *
     * @param array<string, mixed> $options
     *
     * @throws \Phalcon\Storage\Exception when the extension is not loaded, an option makes no sense, or there is no such serializer
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
     * Stores a value without an end.
     *
     * @param mixed $value
     *
     * @return bool
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
     * Does what `increment()` is asked for, at once for all workers.
     *
     * @return int|bool the new number, from 0 on if there was none; false if there is something else. Beyond the largest number apcu
     *     goes on with the smallest
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
