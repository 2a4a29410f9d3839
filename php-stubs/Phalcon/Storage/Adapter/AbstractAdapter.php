<?php

namespace Phalcon\Storage\Adapter;

/**
 * The base of the storage adapters.
 *
 * Children of any of Phalcon's versions work: those that override `get()`, `set()` and so on, as in Phalcon 4 and early 5, and those
 * that fill in `doGet()`, `doSet()` and so on, as from 5.8 on. A method that has neither throws `Phalcon\Storage\Exception`. Everything
 * goes through the object, so that `getPrefixedKey()`, `getTtl()`, `getSerializedData()` and `getUnserializedData()` may be overridden too.
 * Phalcon 5's events are not there.
 */
abstract class AbstractAdapter implements \Phalcon\Storage\Adapter\AdapterInterface
{
    /** @var mixed what a child keeps its values in */
    protected $adapter = null;

    /** @var string the name of the serializer, in lower case; the option `defaultSerializer` */
    protected $defaultSerializer = 'php';

    /** @var int seconds that a value is kept when nothing else is said; the option `lifetime` */
    protected $lifetime = 3600;

    /** @var array<string, mixed> all options as they were given, a password too */
    protected $options = [];

    /** @var string what stored keys begin with; the option `prefix` */
    protected $prefix = 'ph-memo-';

    /** @var \Phalcon\Storage\Serializer\SerializerInterface|null made when it is first needed; the option `serializer` */
    protected $serializer = null;

    /** @var \Phalcon\Storage\SerializerFactory|null */
    protected $serializerFactory = null;

    /** @var bool whether a key that begins with the prefix is meant without it; the option `stripPrefix` */
    protected $stripPrefix = true;

    /**
     * Takes the options of every adapter: `defaultSerializer` (`php`), `lifetime` (3600 s; 0 for ever), `prefix`, `serializer` (an object, which counts instead of
     * `defaultSerializer`), `stripPrefix` (true: a key that begins with the prefix, as `getKeys()` returns them, is meant without it).
     *
     * @param \Phalcon\Storage\SerializerFactory $factory
     * @param array<string, mixed> $options
     *
     * @throws \Phalcon\Storage\Exceptions\InvalidConfiguration for a value that makes no sense
     */
    protected function __construct(\Phalcon\Storage\SerializerFactory $factory, #[\SensitiveParameter] array $options = [])
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Removes every key with this adapter's prefix, and no other.
     *
     * @return bool true
     */
    abstract public function clear();

    /**
     * The keys that are stored, each with the adapter's prefix before it, in the order of their bytes.
     *
     * Upper and lower case differ, as in Phalcon 5.
     *
     * @param string $prefix only keys that go on with this
     *
     * @return list<string>
     */
    abstract public function getKeys(string $prefix = '');

    /**
     * Subtracts from the number in a key.
     *
     * @return int|bool the new number; false where {@see increment()} says so
     */
    public function decrement(string $key, int $value = 1)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Removes a key.
     *
     * @return bool whether it was there
     */
    public function delete(string $key)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Removes keys.
     *
     * @param list<string> $keys
     *
     * @return bool whether every one of them was there; the others are removed in any case
     */
    public function deleteMultiple(array $keys)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * The value of a key.
     *
     * @param mixed $defaultValue what is returned for a key that is not there, has expired, or holds what the serializer cannot read
     *
     * @return mixed
     */
    public function get(string $key, $defaultValue = null)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * What the values are kept in, if it is an object of PHP's.
     *
     * @return mixed
     */
    public function getAdapter()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * The name of the serializer, in lower case, as in Phalcon 5.
     *
     * @return string
     */
    public function getDefaultSerializer()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Seconds that a value is kept when nothing else is said.
     *
     * @return int
     */
    public function getLifetime()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * What stored keys begin with.
     *
     * @return string
     */
    public function getPrefix()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /** @return \Phalcon\Storage\Serializer\SerializerInterface|null null where the name of the serializer is empty */
    public function getSerializer()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Whether a key is there and has not expired.
     *
     * @return bool
     */
    public function has(string $key)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Adds to the number in a key.
     *
     * @return int|bool the new number; false if there is none
     */
    public function increment(string $key, int $value = 1)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Stores a value.
     *
     * @param mixed $value
     * @param \DateInterval|int|null $ttl how long, in seconds; null is the option `lifetime`. A time below 1 deletes the key, as in Phalcon 5:
     *     what was to end already must not stay (Phalcon 4 kept it for ever). {@see AbstractAdapter::setForever()} has no end.
     *
     * @return bool true; for a `$ttl` below 1, whether there was a value to delete
     */
    public function set(string $key, $value, $ttl = null)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Values go through the serializer of that name from now on. (In Phalcon the name alone changes once a serializer was made.)
     *
     * @return void
     */
    public function setDefaultSerializer(string $serializer)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Stores a value without an end; here, where a child has nothing else, for ten years.
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
     * Does what `decrement()` is asked for.
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
     * Does what `deleteMultiple()` is asked for.
     *
     * @param list<string> $keys
     *
     * @return bool
     */
    protected function doDeleteMultiple(array $keys)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Does what `get()` is asked for; here over `has()`, `doGetData()` and `getUnserializedData()`.
     *
     * @return mixed the value, unserialized
     */
    protected function doGet(string $key, $defaultValue = null)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * What is stored; here `$this->getAdapter()->get($key)`.
     *
     * @return mixed
     */
    protected function doGetData(string $key)
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
     * Does what `increment()` is asked for.
     *
     * @return int|bool
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

    /**
     * An entry of an array, or the default if there is none.
     *
     * @param array<mixed> $collection
     * @param int|string $index
     * @param mixed $defaultValue
     * @param string|null $cast `int`, `float`, `string` or `bool`: what it is made
     *
     * @return mixed
     */
    protected function getArrVal(array $collection, $index, $defaultValue = null, $cast = null)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Those of the keys that begin with the adapter's prefix and then `$prefix`.
     *
     * @param iterable<string>|false|null $keys an array; anything else is none
     *
     * @return list<string>
     */
    protected function getFilteredKeys($keys, string $prefix)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * The key without the adapter's prefix, unless `stripPrefix` is off.
     *
     * @return string
     */
    protected function getKeyWithoutPrefix(string $key)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * The key as it is stored: the prefix, and the key without it.
     *
     * @param mixed $key
     *
     * @return string
     */
    protected function getPrefixedKey($key)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * What the serializer makes of a value; without one the value itself.
     *
     * @param mixed $content
     *
     * @return mixed
     */
    protected function getSerializedData($content)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Seconds for a `$ttl`.
     *
     * @param \DateInterval|int|null $ttl null is the option `lifetime`
     *
     * @return int
     */
    protected function getTtl($ttl)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * The value in what is stored. False and null, which clients return for a missing key, and what the serializer cannot read are the
     * default.
     *
     * @param mixed $content
     * @param mixed $defaultValue
     *
     * @return mixed
     */
    protected function getUnserializedData($content, $defaultValue = null)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Makes the serializer, if there is none yet.
     *
     * @return void
     *
     * @throws \Phalcon\Storage\Exception when its name is unknown, or there is no factory to make it
     */
    protected function initSerializer()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }
}
