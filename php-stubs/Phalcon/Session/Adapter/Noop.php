<?php

namespace Phalcon\Session\Adapter;

/**
 * Keeps nothing: each request begins with an empty session. For tests and command lines.
 *
 * The protected properties are Phalcon 4's, for subclasses that use them; Phalcon 5.14 moved them to {@see Stream}. Those that begin with `_` and
 * the methods from `start()` on are Phalcon 3's, where the adapter is the session; see {@see \Phalcon\Session\Adapter}.
 *
 * No method has a return type, so that children of every version compile.
 */
class Noop implements \SessionHandlerInterface, \SessionUpdateTimestampHandlerInterface, \Phalcon\Session\AdapterInterface
{
    public const SESSION_ACTIVE = 2;
    public const SESSION_NONE = 1;
    public const SESSION_DISABLED = 0;

    /** @var mixed never used here */
    protected $connection = null;

    /** @var array<string, mixed> what the constructor was given */
    protected $options = [];

    /** @var string the option `prefix` */
    protected $prefix = '';

    /** @var int never used here */
    protected $ttl = 8600;

    /** @var string|null what the names of this session's entries begin with, before a `#`; null, "" and "0" for none */
    protected $_uniqueId = null;

    /** @var bool whether this object started a session */
    protected $_started = false;

    /** @var array<string, mixed>|null what {@see setOptions()} was given */
    protected $_options = null;

    /** @param array{prefix?: string, ...} $options kept; `prefix` is for {@see getPrefixedName()}, `uniqueId` for `get()` and `set()` */
    public function __construct(array $options = [])
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * @param string $path
     * @param string $name
     *
     * @return bool true
     */
    #[\ReturnTypeWillChange]
    public function open(string $path, string $name)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /** @return bool true */
    #[\ReturnTypeWillChange]
    public function close()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * @param string $id
     *
     * @return string ""
     */
    #[\ReturnTypeWillChange]
    public function read(string $id)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * @param string $id
     * @param string $data
     *
     * @return bool true, though nothing was stored
     */
    #[\ReturnTypeWillChange]
    public function write(string $id, string $data)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * In two parts: a session's and a save handler's.
     *
     * - `destroy()` or `destroy(null)`, `destroy(true)`, `destroy(false)`: ends the session, as {@see \Phalcon\Session\Adapter::destroy()}. A session that was closed before is deleted.
     * - `destroy($id)`: PHP's call. Deletes that record and leaves `$_SESSION` alone, so that `regenerateId()` keeps it.
     *
     * Reflection says that the argument is required, so that children of Phalcon 4 and 5, which require one, compile; it is not.
     *
     * @param string|bool|null $id
     *
     * @return bool
     */
    #[\ReturnTypeWillChange]
    public function destroy($id = null)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /** @return int|bool 1 */
    #[\ReturnTypeWillChange]
    public function gc(int $max_lifetime)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /** @return bool true: any id will do, so `session.use_strict_mode` changes nothing */
    #[\ReturnTypeWillChange]
    public function validateId(string $id)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /** @return bool true */
    #[\ReturnTypeWillChange]
    public function updateTimestamp(string $id, string $data)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * The prefix and the name.
     *
     * @param string $name
     */
    protected function getPrefixedName($name): string
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
