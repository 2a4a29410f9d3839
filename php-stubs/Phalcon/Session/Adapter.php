<?php

namespace Phalcon\Session;

/**
 * A session over PHP's own `$_SESSION` and whatever save handler PHP has: the base of sessions of your own, as in Phalcon 3.
 *
 *     class Visit extends Phalcon\Session\Adapter
 *     {
 *     }
 *
 *     $session = new Visit(['uniqueId' => 'shop']);
 *     $session->start();
 *     $session->set('user', 12);      // $_SESSION['shop#user']
 *
 * Entries are properties, too: `$session->user`. The adapters {@see Adapter\Files} and {@see Adapter\Redis} have the same methods, but
 * are children of other classes: ask for {@see AdapterInterface}, not for this class, to know a session.
 *
 * No method has a return type, since classes written for Phalcon 3 have none. Where Phalcon 3.4 behaves in another way, the method says so.
 */
abstract class Adapter implements AdapterInterface
{
    public const SESSION_ACTIVE = 2;
    public const SESSION_NONE = 1;
    public const SESSION_DISABLED = 0;

    /** @var string|null what the names of this session's entries begin with, before a `#`; null, "" and "0" for none */
    protected $_uniqueId = null;

    /** @var bool whether this object started a session */
    protected $_started = false;

    /** @var array<string, mixed>|null what {@see setOptions()} was given */
    protected $_options = null;

    /**
     * @param array<string, mixed>|object|null $options for {@see setOptions()}; an object must have a method `toArray()`
     *
     * @throws \TypeError for anything else
     */
    public function __construct($options = null)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Starts PHP's session: true if this call did. False if one is active already, or headers were sent, or PHP could not; it has
     * said why. After the session was closed it starts again (in Phalcon it does not).
     *
     * @return bool
     */
    public function start()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Takes `uniqueId`, if it is there, and keeps the array. Other than the manager's, the unique id stays when the array has none.
     *
     * @param array<string, mixed> $options
     *
     * @return void
     *
     * @throws Exception when `uniqueId` is an array
     */
    public function setOptions(#[\SensitiveParameter] array $options)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * The array that was last set; empty if none was (null in Phalcon).
     *
     * @return array<string, mixed>
     */
    public function getOptions()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Whether this object started a session. A session that PHP or somebody else started gives false, and closing the session
     * does not change it.
     *
     * @return bool
     */
    public function isStarted()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * PHP's session status.
     *
     * @return int one of the constants
     */
    public function status()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * PHP's `session_name()`.
     *
     * @return string
     */
    public function getName()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * PHP's `session_name($name)`. While a session is active PHP warns and the name stays.
     *
     * @return void
     */
    public function setName(string $name)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * PHP's `session_id()`.
     *
     * @return string "" without a session
     */
    public function getId()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * PHP's `session_id($id)`. While a session is active PHP warns and the id stays.
     *
     * @return void
     */
    public function setId(string $id)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * PHP's `session_regenerate_id()`: `$_SESSION` is kept. Without an active session PHP warns.
     *
     * @param bool $deleteOldSession whether the record under the old id is deleted
     *
     * @return $this
     */
    public function regenerateId(bool $deleteOldSession = true)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * An entry of `$_SESSION`. A stored null is null; the default is for what is not there.
     *
     * @param mixed $defaultValue
     * @param bool $remove whether the entry is removed, too
     *
     * @return mixed
     */
    public function get(string $index, $defaultValue = null, bool $remove = false)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Stores an entry in `$_SESSION`, whether a session is active or not. Without effect where `$_SESSION` does not exist: before
     * the first start.
     *
     * @param mixed $value
     *
     * @return void
     */
    public function set(string $index, $value)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Whether there is such an entry that is not null.
     *
     * @return bool
     */
    public function has(string $index)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Removes an entry, if it is there.
     *
     * @return void
     */
    public function remove(string $index)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Removes this session's entries of `$_SESSION`: those of its unique id, or without one all.
     *
     * @return void
     */
    protected function removeSessionData()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /** Closes the session that this object started, so that it is stored, unless another adapter has started one since. */
    public function __destruct()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Ends the session: the record is deleted and not stored again.
     *
     * @param bool|null $removeData true: this session's entries of `$_SESSION` are removed, too; otherwise they stay until the request ends
     *
     * @return bool false, without a warning, when no session is active
     */
    public function destroy($removeData = null)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * {@see get()}; by value, so that `$session->list[] = 1` changes nothing.
     *
     * @return mixed
     */
    public function __get(string $index)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * {@see set()}.
     *
     * @param mixed $value
     *
     * @return void
     */
    public function __set(string $index, $value)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * {@see has()}.
     *
     * @return bool
     */
    public function __isset(string $index)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * {@see remove()}.
     *
     * @return void
     */
    public function __unset(string $index)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }
}
