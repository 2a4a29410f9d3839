<?php

namespace Phalcon\Storage\Adapter;

/**
 * Values by key, with an end.
 *
 * What Phalcon 4 and 5 have in common, without return types: classes written for either compile.
 */
interface AdapterInterface
{
    /**
     * Removes every key with this adapter's prefix, and no other.
     *
     * @return bool true
     */
    public function clear();

    /**
     * Subtracts from the number in a key.
     *
     * @return int|bool the new number; false where {@see increment()} says so
     */
    public function decrement(string $key, int $value = 1);

    /**
     * Removes a key.
     *
     * @return bool whether it was there
     */
    public function delete(string $key);

    /**
     * The value of a key.
     *
     * @param mixed $defaultValue what is returned for a key that is not there, has expired, or holds what the serializer cannot read
     *
     * @return mixed
     */
    public function get(string $key, $defaultValue = null);

    /**
     * What the values are kept in, if it is an object of PHP's.
     *
     * @return mixed
     */
    public function getAdapter();

    /**
     * The keys that are stored, each with the adapter's prefix before it, in the order of their bytes.
     *
     * Upper and lower case differ, as in Phalcon 5.
     *
     * @param string $prefix only keys that go on with this
     *
     * @return list<string>
     */
    public function getKeys(string $prefix = '');

    /**
     * What stored keys begin with.
     *
     * @return string
     */
    public function getPrefix();

    /**
     * Whether a key is there and has not expired.
     *
     * @return bool
     */
    public function has(string $key);

    /**
     * Adds to the number in a key.
     *
     * @return int|bool the new number; false if there is none
     */
    public function increment(string $key, int $value = 1);

    /**
     * Stores a value.
     *
     * @param mixed $value
     * @param \DateInterval|int|null $ttl how long, in seconds; null is the option `lifetime`. A time below 1 deletes the key, as in Phalcon 5:
     *     what was to end already must not stay (Phalcon 4 kept it for ever). {@see AbstractAdapter::setForever()} has no end.
     *
     * @return bool true; for a `$ttl` below 1, whether there was a value to delete
     */
    public function set(string $key, $value, $ttl = null);
}
