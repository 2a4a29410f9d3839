<?php

namespace Phalcon\Storage\Adapter;

/**
 * Keys on a Redis or Valkey server, in Phalcon's layout: key `<prefix><key>`, value as the serializer wrote it.
 *
 * The extension speaks to the server itself; phpredis is needed for {@see getAdapter()} alone. Values of Phalcon 4 and 5 are read, and
 * they read these: with the serializer `php` a string is `s:N:"...";`, a number its digits, so that `increment()` counts it up. Booleans and
 * null, which the server has not, are written by the serializer (`b:1;`), as Phalcon 4 does, and come back as what they were.
 *
 * The connection is made when it is first needed and outlives the request. Each method costs one wait for the server; `clear()` and
 * `getKeys()` ask for 200 keys at a time and hold up nobody.
 *
 * A child that overrides `getAdapter()` has its own client used for everything, as in Phalcon: an object with phpredis's methods, whose
 * `OPT_PREFIX` is the adapter's prefix.
 *
 * Exists only when the extension was built with the store `redis`.
 *
 * Objects can be neither cloned nor serialized.
 */
class Redis extends \Phalcon\Storage\Adapter\AbstractAdapter
{
    /** @var string what stored keys begin with; the option `prefix` */
    protected $prefix = 'ph-reds-';

    /**
     * Connects to nothing.
     *
     * Options: `host` 127.0.0.1 (a path that begins with a slash is a unix socket), `port` 6379, `socket` (a path; it works here), `index` 0 (the
     * database, to 65535), `auth` (a password, or `[user, password]`; what is `empty()` is none), `timeout` and `readTimeout` in seconds (0: 5
     * s instead of no limit), and those of {@see AbstractAdapter}. `defaultSerializer` may also be one of Phalcon 5's names for the client's own
     * serializer, `redis_php` and so on.
     *
     * `persistent` and `persistentId` concern `getAdapter()` alone. Accepted without effect: `adapter`, `connectTimeout`, `retryInterval`,
     * `statsKey`, `uniqueId`. `ssl` and `context` are refused unless they are empty. Any other option is a warning with the nearest known name.
     *
     * @param array<string, mixed> $options
     *
     * @throws \Phalcon\Storage\Exceptions\InvalidConfiguration for a value that makes no sense
     * @throws \Phalcon\Storage\Exception when there is no such serializer
     */
    public function __construct(\Phalcon\Storage\SerializerFactory $factory, #[\SensitiveParameter] array $options = [])
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Removes the keys with this adapter's prefix, and no others; with an empty prefix all of the database.
     *
     * @return bool true
     */
    public function clear()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * A connected client of phpredis, with this adapter's server, password, database and prefix, and for `redis_php` and its like with that
     * serializer. Made with the first call, over a connection of its own.
     *
     * @return \Redis
     *
     * @throws \Phalcon\Storage\Exceptions\ConnectionFailed
     * @throws \Phalcon\Storage\Exceptions\AuthenticationFailed
     * @throws \Phalcon\Storage\Exceptions\DatabaseSelectionFailed
     * @throws \Phalcon\Storage\Exception when PHP's extension redis is not loaded
     */
    public function getAdapter()
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
     * Does what `increment()` is asked for, at once for all clients.
     *
     * @return int|bool the new number, from 0 on if there was none (it has no end then); false if there is something else, or the sum
     *     would be too large
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
