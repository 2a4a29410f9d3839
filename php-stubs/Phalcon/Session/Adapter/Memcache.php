<?php

namespace Phalcon\Session\Adapter;

/**
 * A memcached server, as Phalcon 3 had it for the PHP extension memcache: the object is the session itself. That extension is not needed.
 *
 *     $session = new Phalcon\Session\Adapter\Memcache(['host' => '127.0.0.1', 'port' => 11211, 'uniqueId' => 'my-app']);
 *     $session->start();
 *     $session->set('user', 12);
 *
 * Sessions are where Phalcon 3 has them, under `<prefix><id>`, as `serialize()` writes a string; compressed ones are read. They are **locked unless
 * you turn it off**, which Phalcon had not. Its entries are properties, too.
 *
 * Exists only when the extension was built with the stores `memcached` and `redis`.
 */
class Memcache extends \Phalcon\Session\Adapter\AbstractAdapter implements \Phalcon\Session\AdapterInterface
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
     * Connects to nothing, and registers itself as PHP's save handler; while a session is active PHP warns and does not take it.
     *
     * Phalcon's options and defaults: `host` 127.0.0.1 (a path that begins with a slash is a unix socket), `port` 11211, `lifetime` 8600 s (1 s to ten
     * years; null: `session.gc_maxlifetime`; 0: ten years), `prefix` empty, `uniqueId`. Seshat's options of the lock: `locking`, `lock_expire`,
     * `lock_wait`, `on_lock_timeout`, `store_empty`. Accepted without effect: `persistent`, `statsKey`, `adapter`. Any other option is a warning with
     * the nearest known name.
     *
     * @param array<string, mixed>|object|null $options an array, or an object with a method `toArray()`
     *
     * @throws \Phalcon\Session\Exception when an option's value makes no sense
     */
    public function __construct(#[\SensitiveParameter] $options = [])
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
     * A new client of the PHP extension memcache on this server, for code that used the one that Phalcon 3 had inside (there a cache object).
     * Sessions do not need it. Keys are sessions' ids behind the option `prefix`.
     *
     * @return \Memcache
     *
     * @throws \Phalcon\Session\Exception when the extension is not loaded
     */
    public function getMemcache()
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
