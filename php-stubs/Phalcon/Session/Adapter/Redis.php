<?php

namespace Phalcon\Session\Adapter;

/**
 * Redis or Valkey in Phalcon's layout: key `<prefix><id>`, value as `serialize()` writes a string. Sessions of Phalcon 4 and 5
 * are read, and what is written here they read.
 *
 *     $adapter = new Phalcon\Session\Adapter\Redis(
 *         new Phalcon\Storage\AdapterFactory(new Phalcon\Storage\SerializerFactory()),
 *         ['host' => '127.0.0.1', 'index' => 1],
 *     );
 *
 * With our own `AdapterFactory` the native store does the work: `$this->adapter` is then null, sessions are **locked unless
 * you turn it off** (in Phalcon 5.15 locking has to be turned on, before that there is none), and the methods behave as
 * those of {@see \Seshat\Handler}. With a factory of your own, a subclass of ours, or one whose service `redis` you replaced,
 * the storage object that it makes is called as {@see AbstractAdapter} does, without a lock.
 *
 * Exists only when the extension was built with the store `redis`.
 */
class Redis extends \Phalcon\Session\Adapter\AbstractAdapter
{
    /**
     * Connects to nothing.
     *
     * Phalcon's options and defaults: `host` 127.0.0.1 (a path that begins with a slash is a unix socket), `port` 6379, `index` 0
     * (the database), `auth` (a password, or `[user, password]`), `lifetime` 3600 s (1 s to ten years; null: `session.gc_maxlifetime`; 0: ten years),
     * `prefix` `sess-reds-`, `defaultSerializer` `php` (or `none`: the session as it is), `timeout` and `readTimeout` in
     * seconds (0: the store's own limit instead of none), `socket` (a path; it works here).
     *
     * Phalcon 5.15's options of the lock: `lockingEnabled` (default here: on), `lockExpiry` 30 s, and `lockRetries` with
     * `lockWaitTime` in microseconds, whose product is the wait limit (default here: 30 s, by no matter how many tries, since
     * waiters are woken). Or Seshat's own `lock_wait`, `on_lock_timeout` and `store_empty`.
     *
     * Accepted without effect: `persistent`, `persistentId`, `statsKey`, `uniqueId`, `retryInterval`, `stripPrefix`,
     * `connectTimeout`, `adapter`. `ssl` and `serializer` are refused unless they are empty. Connections always outlive the request. Any other option is a warning with the nearest known name.
     *
     * @param object $factory a `Phalcon\Storage\AdapterFactory`, or anything with its `newInstance()`
     * @param array{
     *     host?: string,
     *     port?: int<1, 65535>,
     *     index?: int<0, 65535>,
     *     auth?: string|array{0: string, 1: string},
     *     socket?: string,
     *     prefix?: string,
     *     lifetime?: int|float|string|null,
     *     defaultSerializer?: 'php'|'none'|'redis_php'|'redis_none',
     *     timeout?: int|float|string,
     *     readTimeout?: int|float|string,
     *     lockingEnabled?: bool|int|string,
     *     lockExpiry?: int|float|string,
     *     lockRetries?: int,
     *     lockWaitTime?: int,
     *     lock_wait?: int|float|string,
     *     on_lock_timeout?: 'fail'|'readonly',
     *     store_empty?: bool|int|string,
     *     persistent?: bool,
     *     persistentId?: string,
     *     statsKey?: string,
     *     uniqueId?: string,
     *     retryInterval?: int,
     *     stripPrefix?: bool,
     *     adapter?: string,
     *     ...
     * } $options
     *
     * @throws \Phalcon\Session\Exception when the factory is no object or makes none, or an option's value makes no sense
     */
    public function __construct($factory, #[\SensitiveParameter] array $options = [])
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Begins a request's work.
     *
     * @param string $path ignored
     * @param string $name ignored
     *
     * @return bool true
     */
    public function open(string $path, string $name): bool
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /** As {@see \Seshat\Handler::close()}. */
    public function close(): bool
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * As {@see \Seshat\Handler::read()}. A record that is no serialized string is taken as it is, as Phalcon takes it.
     *
     * @param string $id
     *
     * @return string "" when there is no such session
     */
    public function read(string $id): string
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * As {@see \Seshat\Handler::write()}.
     *
     * @param string $id
     * @param string $data
     */
    public function write(string $id, string $data): bool
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * As {@see \Seshat\Handler::destroy()}.
     *
     * @param string $id
     */
    public function destroy(string $id): bool
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Nothing to do: Redis removes what expired.
     *
     * @return int|bool 0 from the native store; 1 with a factory of your own
     */
    #[\ReturnTypeWillChange]
    public function gc(int $max_lifetime): int|bool
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /** As {@see \Seshat\Handler::validateId()}. */
    public function validateId(string $id): bool
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /** As {@see \Seshat\Handler::updateTimestamp()}; Phalcon writes the whole value instead. */
    public function updateTimestamp(string $id, string $data): bool
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }
}
