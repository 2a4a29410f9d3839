<?php

namespace Phalcon\Session\Adapter;

/**
 * Memcached servers, in each of the ways in which Phalcon has had this class. What the constructor is given decides:
 *
 * | arguments | key | value | lives for | is |
 * | --- | --- | --- | --- | --- |
 * | a factory and options: Phalcon 4 and 5 | `<prefix><id>`, prefix `sess-memc-` | the session as it is | 3600 s | a handler for the {@see \Phalcon\Session\Manager} |
 * | options: Phalcon 3 | `<prefix><id>`, no prefix | as `serialize()` writes a string | 8600 s | the session itself |
 *
 *     $adapter = new Phalcon\Session\Adapter\Libmemcached(
 *         new Phalcon\Storage\AdapterFactory(new Phalcon\Storage\SerializerFactory()),
 *         ['servers' => [['host' => '127.0.0.1', 'port' => 11211, 'weight' => 1]]],
 *     );
 *
 *     $session = new Phalcon\Session\Adapter\Libmemcached(['servers' => [['127.0.0.1', 11211, 1]], 'uniqueId' => 'my-app']);
 *     $session->start();
 *     $session->set('user', 12);
 *
 * Each finds the sessions that Phalcon wrote in that way, also Phalcon 5's, which are serialized, and compressed ones. What is written here
 * Phalcon 3 and 4 read. The server of a session is the one that the class `Memcached` picks with the same `client` options.
 *
 * With our own `AdapterFactory`, or without a factory, the native store does the work: `$this->adapter` is then null, sessions are **locked
 * unless you turn it off** (in Phalcon there is no lock), and the methods behave as those of {@see \Seshat\Handler}. With a factory of your
 * own, a subclass of ours, or one whose service `libmemcached` you replaced, the storage object that it makes is called as
 * {@see AbstractAdapter} does, without a lock. The PHP extension memcached is not needed.
 *
 * Where the object is the session itself, its entries are properties, too. Where it is a handler, properties are ordinary ones.
 *
 * Exists only when the extension was built with the stores `memcached` and `redis`.
 */
class Libmemcached extends \Phalcon\Session\Adapter\AbstractAdapter implements \Phalcon\Session\AdapterInterface
{
    public const SESSION_ACTIVE = 2;
    public const SESSION_NONE = 1;
    public const SESSION_DISABLED = 0;

    /** @var int|float|string|null how long a session lives, in seconds */
    protected $_lifetime = 8600;

    /** @var bool whether this object is the session itself */
    private $isSession = false;

    /** @var string|null what the names of this session's entries begin with, before a `#`; null, "" and "0" for none */
    protected $_uniqueId = null;

    /** @var bool whether this object started a session */
    protected $_started = false;

    /** @var array<string, mixed>|null what {@see setOptions()} was given */
    protected $_options = null;

    /**
     * Connects to nothing.
     *
     * Phalcon's options and defaults: `servers`, a list of `['host' => ..., 'port' => ..., 'weight' => ...]` or `[host, port, weight]` (with a factory
     * 127.0.0.1, 11211, 1; without one it must be given), `lifetime` 3600 s (1 s to ten years; null: `session.gc_maxlifetime`; 0: ten years),
     * `prefix` `sess-memc-`, `saslAuthData` (`['user' => ..., 'pass' => ...]`, for servers with `-Y`; SASL itself is not supported),
     * `defaultSerializer` `php` or `none`, which store the same.
     *
     * `client` are options of the class `Memcached`, by number or name: `OPT_PREFIX_KEY`, `OPT_COMPRESSION` (on), `OPT_COMPRESSION_TYPE` (fastlz),
     * `OPT_DISTRIBUTION` (modula), `OPT_LIBKETAMA_COMPATIBLE`, `OPT_HASH`, `OPT_CONNECT_TIMEOUT` (in milliseconds; counts from a second up),
     * `OPT_RECV_TIMEOUT` (in microseconds). The others are accepted without effect.
     *
     * Seshat's options of the lock: `locking` (`lockingEnabled`), `lock_expire` (`lockExpiry`), `lock_wait`, `on_lock_timeout`, `store_empty`.
     *
     * Accepted without effect: `persistentId`, `persistent_id`, `statsKey`, `serializer`, `stripPrefix`, `adapter`. Any other option is a warning
     * with the nearest known name. `uniqueId` is for `get()` and `set()` of this object; the manager has one of its own.
     *
     * Without a factory the same options count, with Phalcon 3's defaults: `lifetime` 8600 s, `prefix` empty. The object then registers itself as
     * PHP's save handler at once; while a session is active PHP warns and does not take it.
     *
     * @param object|array<string, mixed>|null $factory a `Phalcon\Storage\AdapterFactory`, or anything with its `newInstance()`; or the options, as an
     *     array or an object with a method `toArray()`
     * @param array{
     *     servers?: list<array{host: string, port?: int, weight?: int}|array{0: string, 1?: int, 2?: int}>,
     *     client?: array<int|string, mixed>,
     *     saslAuthData?: array{user: string, pass: string},
     *     prefix?: string,
     *     lifetime?: int|float|string|null,
     *     defaultSerializer?: 'php'|'none'|'memcached_php',
     *     locking?: bool|int|string,
     *     lock_expire?: int|float|string,
     *     lock_wait?: int|float|string,
     *     on_lock_timeout?: 'fail'|'readonly',
     *     store_empty?: bool|int|string,
     *     uniqueId?: string,
     *     ...
     * }|object|null $options
     *
     * @throws \Phalcon\Session\Exception when the factory is no object or makes none, or an option's value makes no sense
     */
    public function __construct(#[\SensitiveParameter] $factory = null, #[\SensitiveParameter] $options = [])
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
    public function open(string $path, string $name)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /** As {@see \Seshat\Handler::close()}. */
    public function close()
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
    public function read(string $id)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * As {@see \Seshat\Handler::write()}.
     *
     * @param string $id
     * @param string $data
     */
    public function write(string $id, string $data)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * In two parts: a session's and a save handler's.
     *
     * - `destroy()` or `destroy(null)`, `destroy(true)`, `destroy(false)`: ends the session, as {@see \Phalcon\Session\Adapter::destroy()}. This
     *   session's entries of `$_SESSION` are always removed. A session that was closed before is deleted.
     * - `destroy($id)`: PHP's call. Deletes that record and leaves `$_SESSION` alone, so that `regenerateId()` keeps it.
     *
     * Reflection says that the argument is required, so that children of Phalcon 4 and 5, which require one, compile; it is not.
     *
     * @param string|bool|null $id
     *
     * @return bool
     */
    public function destroy($id = null)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Nothing to do: memcached removes what expired.
     *
     * @return int|bool 0 from the native store; 1 with a factory of your own
     */
    public function gc(int $max_lifetime)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /** As {@see \Seshat\Handler::validateId()}. */
    public function validateId(string $id)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /** As {@see \Seshat\Handler::updateTimestamp()}; Phalcon writes the whole value instead. */
    public function updateTimestamp(string $id, string $data)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * A new client of the PHP extension memcached on these servers, for code that used the one that Phalcon 3 had inside (there a cache object).
     * Sessions do not need it. Keys are sessions' ids behind the option `prefix`.
     *
     * @return \Memcached
     *
     * @throws \Phalcon\Session\Exception when the extension is not loaded
     */
    public function getLibmemcached()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * How long a session lives: what the option said, else 8600.
     *
     * @return int|float|string|null
     */
    public function getLifetime()
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

    /**
     * As {@see \Phalcon\Session\Adapter::__get()}, where the object is the session itself.
     *
     * @return mixed
     */
    public function __get(string $index)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * As {@see \Phalcon\Session\Adapter::__set()}, where the object is the session itself.
     *
     * @return void
     */
    public function __set(string $index, $value)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * As {@see \Phalcon\Session\Adapter::__isset()}, where the object is the session itself.
     *
     * @return bool
     */
    public function __isset(string $index)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * As {@see \Phalcon\Session\Adapter::__unset()}, where the object is the session itself.
     *
     * @return void
     */
    public function __unset(string $index)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * As {@see \Phalcon\Session\Adapter::setOptions()}.
     *
     * @return void
     */
    public function setOptions(#[\SensitiveParameter] array $options)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * As {@see \Phalcon\Session\Adapter::getOptions()}.
     *
     * @return array<string, mixed>
     */
    public function getOptions()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * As {@see \Phalcon\Session\Adapter::isStarted()}.
     *
     * @return bool
     */
    public function isStarted()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * As {@see \Phalcon\Session\Adapter::status()}.
     *
     * @return int
     */
    public function status()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * As {@see \Phalcon\Session\Adapter::getName()}.
     *
     * @return string
     */
    public function getName()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * As {@see \Phalcon\Session\Adapter::setName()}.
     *
     * @return void
     */
    public function setName(string $name)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * As {@see \Phalcon\Session\Adapter::getId()}.
     *
     * @return string
     */
    public function getId()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * As {@see \Phalcon\Session\Adapter::setId()}.
     *
     * @return void
     */
    public function setId(string $id)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * As {@see \Phalcon\Session\Adapter::regenerateId()}.
     *
     * @return $this
     */
    public function regenerateId(bool $deleteOldSession = true)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * As {@see \Phalcon\Session\Adapter::get()}.
     *
     * @return mixed
     */
    public function get(string $index, $defaultValue = null, bool $remove = false)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * As {@see \Phalcon\Session\Adapter::set()}.
     *
     * @return void
     */
    public function set(string $index, $value)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * As {@see \Phalcon\Session\Adapter::has()}.
     *
     * @return bool
     */
    public function has(string $index)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * As {@see \Phalcon\Session\Adapter::remove()}.
     *
     * @return void
     */
    public function remove(string $index)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * As {@see \Phalcon\Session\Adapter::removeSessionData()}.
     *
     * @return void
     */
    protected function removeSessionData()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /** As {@see \Phalcon\Session\Adapter::__destruct()}. */
    public function __destruct()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }
}
