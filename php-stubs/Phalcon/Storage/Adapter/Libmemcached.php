<?php

namespace Phalcon\Storage\Adapter;

/**
 * Keys on memcached servers, in Phalcon's layout: key `<prefix><key>`, value as the serializer wrote it, with the flags of PHP's `Memcached`.
 *
 * The extension speaks to the servers itself; PHP's extension memcached is needed for {@see getAdapter()} alone. With the serializer `php`
 * a value is written as Phalcon 5 writes it: a string as `s:N:"...";`, a number as its digits, so that `increment()` counts it up. What
 * Phalcon 4 stored, strings as they are and arrays by the client's serializer, is read too. A string of Phalcon 4 that looks serialized is
 * taken for that.
 *
 * Which of several servers has a key follows from the key without its prefix and the option `client`, as with `Memcached`. Keys have 1 to 250
 * bytes with their prefix and neither spaces nor control characters; others are an exception. A server stores values up to 1 MB unless it was
 * started otherwise.
 *
 * A value lives up to a second longer than it was told to: servers count in whole seconds. What would be over after 2038 has no end.
 *
 * A child that overrides `getAdapter()` has its own client used for everything, as in Phalcon: an object with the methods of `Memcached`,
 * whose `OPT_PREFIX_KEY` is the adapter's prefix.
 *
 * Exists only when the extension was built with the store `memcached`.
 *
 * Objects can be neither cloned nor serialized.
 */
class Libmemcached extends \Phalcon\Storage\Adapter\AbstractAdapter
{
    /** @var string what stored keys begin with; the option `prefix` */
    protected $prefix = 'ph-memc-';

    /**
     * Connects to nothing.
     *
     * Options: `servers`, a list of `['host' => ..., 'port' => 11211, 'weight' => 1]` (127.0.0.1 alone by default; a host that begins with a slash
     * is a unix socket); `client`, options of `Memcached` by number or name, of which prefix, compression, hash, distribution and, where they are
     * longer than the store's own, time limits count; `saslAuthData`, `['user' => ..., 'pass' => ...]`, given in the way of servers that were
     * started with `-Y`; and those of {@see AbstractAdapter}. `defaultSerializer` may also be one of Phalcon 5's names for the client's own
     * serializer, `memcached_php` and so on.
     *
     * `persistentId` concerns `getAdapter()` alone. Accepted without effect: `adapter`, `statsKey`, `uniqueId`. Any other option is a warning with the
     * nearest known name.
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
     * Removes everything from all of the servers, as in Phalcon: also what has another prefix, and what other programs and sessions keep there.
     *
     * A server cannot remove the keys with a prefix. Use servers of your own for what is to be cleared.
     *
     * @return bool true
     */
    public function clear()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * A client of PHP's extension memcached, with this adapter's servers, options and prefix, and with `saslAuthData` as its SASL data. Made with
     * the first call, over connections of its own.
     *
     * With `persistentId` it is the persistent one of that name and prefix; its options and servers are set when it has no servers yet.
     *
     * @return \Memcached
     *
     * @throws \Phalcon\Storage\Exceptions\AuthenticationFailed when there is a password, and the client knows no SASL
     * @throws \Phalcon\Storage\Exceptions\InvalidConfiguration when `client` names what is no option of `Memcached`
     * @throws \Phalcon\Storage\Exception when PHP's extension memcached is not loaded, or refuses an option
     */
    public function getAdapter()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Not possible: a server cannot list its keys. With a client of a child's own, what its `getAllKeys()` finds.
     *
     * @return list<string>
     *
     * @throws \Phalcon\Storage\Exception
     */
    public function getKeys(string $prefix = '')
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Stores a value without an end. The server drops it all the same when it needs the memory.
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
     * As {@see doIncrement()}. The number does not fall below 0.
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
     * Does what `increment()` is asked for, at once for all clients.
     *
     * @return int|bool the new number; false if there is none, if there is something else or a number below 0, or if the sum is larger than PHP's
     *     numbers
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
