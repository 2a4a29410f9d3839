<?php

namespace Phalcon\Session\Adapter;

/**
 * Redis or Valkey, in each of the ways in which Phalcon has had this class. What the constructor is given decides:
 *
 * | arguments | key | value | lives for | is |
 * | --- | --- | --- | --- | --- |
 * | a factory and options: Phalcon 4 and 5 | `<prefix><id>`, prefix `sess-reds-` | as `serialize()` writes a string | 3600 s | a handler for the {@see \Phalcon\Session\Manager} |
 * | options: Phalcon 3 | `_PHCR<prefix><id>`, no prefix | the session as it is | 8600 s | the session itself |
 * | options with `path`: Phalcon's first add-on | `PHPREDIS_SESSION:<id>` | the session as it is | `session.gc_maxlifetime` | the session itself |
 *
 *     $adapter = new Phalcon\Session\Adapter\Redis(
 *         new Phalcon\Storage\AdapterFactory(new Phalcon\Storage\SerializerFactory()),
 *         ['host' => '127.0.0.1', 'index' => 1],
 *     );
 *
 *     $session = new Phalcon\Session\Adapter\Redis(['uniqueId' => 'my-app', 'host' => '127.0.0.1', 'index' => 1]);
 *     $session->start();
 *     $session->set('user', 12);
 *
 * Each finds the sessions that Phalcon wrote in that way, and what is written here Phalcon reads. Values are read in either form.
 *
 * With our own `AdapterFactory`, or without a factory, the native store does the work: `$this->adapter` is then null, sessions are **locked
 * unless you turn it off** (in Phalcon 5.15 locking has to be turned on, before that there is none), and the methods behave as those of
 * {@see \Seshat\Handler}. With a factory of your own, a subclass of ours, or one whose service `redis` you replaced, the storage object that
 * it makes is called as {@see AbstractAdapter} does, without a lock.
 *
 * Where the object is the session itself, its entries are properties, too. Where it is a handler, properties are ordinary ones.
 *
 * Exists only when the extension was built with the store `redis`.
 */
class Redis extends \Phalcon\Session\Adapter\AbstractAdapter implements \Phalcon\Session\AdapterInterface
{
    public const SESSION_ACTIVE = 2;
    public const SESSION_NONE = 1;
    public const SESSION_DISABLED = 0;

    /** @var \Redis|null the client of {@see getRedis()} */
    protected $_redis = null;

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
     * Phalcon's options and defaults: `host` 127.0.0.1 (a path that begins with a slash is a unix socket), `port` 6379, `index` 0
     * (the database), `auth` (a password, or `[user, password]`), `lifetime` 3600 s (1 s to ten years; null: `session.gc_maxlifetime`; 0: ten years),
     * `prefix` `sess-reds-`, `defaultSerializer` `php` (or `none`: the session as it is), `timeout` and `readTimeout` in
     * seconds (0: the store's own limit instead of none), `socket` (a path; it works here), `ssl` (PHP's settings of TLS: `cafile`, `local_cert`,
     * `local_pk`, `peer_name`, `verify_peer`, `verify_peer_name`). TLS is spoken when `ssl` says something, or `host` begins with `tls://`.
     *
     * Phalcon 5.15's options of the lock: `lockingEnabled` (default here: on), `lockExpiry` 30 s, and `lockRetries` with
     * `lockWaitTime` in microseconds, whose product is the wait limit (default here: 30 s, by no matter how many tries, since
     * waiters are woken). Or Seshat's own: `locking`, `lock_expire`, `lock_wait`, `on_lock_timeout`, `store_empty`.
     *
     * Accepted without effect: `persistent`, `persistentId`, `retryInterval`, `stripPrefix`,
     * `connectTimeout`, `adapter`. `serializer` is refused unless it is empty. Connections always outlive the request. Any other option is a warning with the nearest known name.
     *
     * `uniqueId` is for `get()` and `set()` of this object; the manager has one of its own. `statsKey`, which Phalcon 4 ignores, is without a factory
     * the key of a set that lists what is stored, as prefix and id.
     *
     * Without a factory the same options count, with Phalcon 3's defaults: `lifetime` 8600 s (less than 1: ten years), `prefix` empty. The
     * object then registers itself as PHP's save handler at once; while a session is active PHP warns and does not take it.
     *
     * `path` is phpredis's save path: `tcp://HOST:PORT?option=value`, `tls://...` or `unix:///PATH?...`, also several of them separated by commas. Beside
     * it there are `name`, `lifetime`, `cookie_lifetime` and `cookie_secure`, which set what php.ini says of the session under these names
     * (`lifetime`: `session.gc_maxlifetime`), and Seshat's own options of the lock.
     *
     * @param object|array<string, mixed>|null $factory a `Phalcon\Storage\AdapterFactory`, or anything with its `newInstance()`; or the options, as an
     *     array or an object with a method `toArray()`
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
     *     path?: string,
     *     locking?: bool|int|string,
     *     lock_expire?: int|float|string,
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
     * Nothing to do: Redis removes what expired.
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
     * How long a session lives: what the option said, else 8600; with `path` what `session.gc_maxlifetime` said.
     *
     * @return int|float|string|null
     */
    public function getLifetime()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * A connected client of the PHP extension redis on this adapter's server, for code that used the one that Phalcon 3 had inside (there a cache object).
     * Sessions do not need it. It waits 5 s at the most for the connection.
     *
     * @return \Redis
     *
     * @throws \Phalcon\Session\Exception when the extension is not loaded, or the server does not answer or refuses (phpredis's own
     *     exception is kept back, since its trace holds the password)
     */
    public function getRedis()
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
