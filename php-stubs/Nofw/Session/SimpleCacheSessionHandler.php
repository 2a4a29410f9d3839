<?php

namespace Nofw\Session;

/**
 * A save handler over a PSR-16 cache of the application, as in the package nofw/session-handlers.
 *
 *     session_set_save_handler(new Nofw\Session\SimpleCacheSessionHandler($cache), true);
 *
 * Reads with `get($id)`, writes with `set($id, $data)`, removes with `delete($id)`. A miss, null, is an empty session;
 * in the original it kept sessions from starting since PHP 7.
 *
 * The key is the session's id. Without options no lifetime is passed, so that the cache's own counts, and sessions
 * are **not locked**: docs/caches.md says what that means and what the options do about it.
 *
 * `Psr\SimpleCache\InvalidArgumentException`, for a key that the cache does not like, is caught and told the logger;
 * every other exception leaves through PHP's session function.
 *
 * Cannot be extended, cloned or serialized.
 */
final class SimpleCacheSessionHandler implements \SessionHandlerInterface, \SessionUpdateTimestampHandlerInterface
{
    /** @var object|null the cache */
    private $cache = null;

    /** @var object|null the logger */
    protected $logger = null;

    /** @var \Seshat\Lock|null the option `lock` */
    private $lock = null;

    /**
     * Takes an object that implements `Psr\SimpleCache\CacheInterface`, or has its methods `get()`, `set()` and `delete()`,
     * or `__call()`.
     *
     * All options are off by default:
     *
     * - `ttl`: tell the cache, with the third argument of `set()`, how long to keep a session: whole seconds, a
     *   time such as `"30m"`, or `"gc_maxlifetime"` for `session.gc_maxlifetime` as it is at each write.
     * - `prefix`: what stands before the id in the key. The characters `{}()/\@:` are refused.
     * - `encode_keys`: make keys that every PSR cache accepts: up to 64 of `A-Z a-z 0-9 _ .`. Another byte of an id, and
     *   `_`, becomes `_` and two hexadecimal digits; what gets too long, `__` and a SHA-256. The prefix must then be
     *   at most 19 of the same characters.
     * - `strict`: answer {@see validateId()} with `has()`, so that `session.use_strict_mode` works.
     * - `update_timestamp`: write an unchanged session only if there is a `ttl` to extend.
     * - `lock`: a {@see \Seshat\Lock} that is held from read to close.
     * - `catch_cache_exceptions`: what is thrown and is a `Psr\SimpleCache\CacheException` is logged, and
     *   reading, writing or removing has failed: `false`, of which PHP warns.
     *
     * @param object|null $logger has `error()`, as `Psr\Log\LoggerInterface`
     * @param array{
     *     ttl?: int|string,
     *     prefix?: string,
     *     encode_keys?: bool|int|string,
     *     strict?: bool|int|string,
     *     update_timestamp?: bool|int|string,
     *     lock?: \Seshat\Lock,
     *     catch_cache_exceptions?: bool|int|string
     * } $options
     *
     * @throws \TypeError for an object that lacks a method, which is named; with `strict`, `has()` too
     * @throws \ValueError for an unknown option (with the nearest known name) and for values that make no sense, all
     *     in one message
     */
    public function __construct(object $cache, ?object $logger = null, array $options = [])
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Replaces the logger. What the cache refuses as a key, and what `catch_cache_exceptions` catches, is told with
     * `error()`; the context has `exception`, `session_id`, **the whole id**, as in the original, and `operation`
     * (`read`, `write`, `destroy` or `validate`).
     *
     * @throws \TypeError if the object has no `error()`
     */
    public function setLogger(object $logger): void
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Does nothing.
     *
     * @return bool true
     */
    public function open(string $path, string $name): bool
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Gives the lock back, if there is one.
     *
     * @return bool true
     */
    public function close(): bool
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Reads a session. With `lock`, PHP's functions lock it first, except under
     * `session_start(['read_and_close' => true])`; a direct call takes no lock.
     *
     * @return string|false the session's data; "" when there is none or the cache refuses the key; false if the
     *     lock was not to be had, if the cache failed and that is caught, and if something that is no session's data
     *     is stored under the key
     *
     * @throws \Throwable what the cache throws, but for `Psr\SimpleCache\InvalidArgumentException`
     */
    public function read(string $id): string|false
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Stores a session. With `lock`, the lock is confirmed and renewed right before; a session whose lock was lost is
     * not written.
     *
     * @return bool what the cache answers; false, with a warning, if the lock was lost
     *
     * @throws \Throwable what the cache throws, but for `Psr\SimpleCache\InvalidArgumentException`
     */
    public function write(string $id, string $data): bool
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Removes a session, and gives its lock back.
     *
     * @return bool what the cache answers
     *
     * @throws \Throwable what the cache throws, but for `Psr\SimpleCache\InvalidArgumentException`
     */
    public function destroy(string $id): bool
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Does nothing: a cache forgets by itself.
     *
     * @return int|bool true, as the original
     */
    #[\ReturnTypeWillChange]
    public function gc(int $max_lifetime): int|bool
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Whether the id names a stored session. Without the option `strict` every id does, as in the original, but for
     * those that PHP has just made and wants to be free.
     *
     * @throws \Throwable what the cache throws, but for `Psr\SimpleCache\InvalidArgumentException`
     */
    public function validateId(string $id): bool
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Ends a session whose data did not change: a {@see write()}, as in the original. With `update_timestamp`, only
     * if there is a `ttl` to extend.
     *
     * @return bool what the cache answers; true if it was not asked
     *
     * @throws \Throwable what the cache throws, but for `Psr\SimpleCache\InvalidArgumentException`
     */
    public function updateTimestamp(string $id, string $data): bool
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }
}
