<?php

namespace DALMP\Sessions;

/**
 * Sessions on a memcached server, where DALMP has them: `DALMP_` and the SHA-1 digest of the reference's name and the session's id,
 * the data as it is.
 *
 * The original kept all references in one item, which two requests at a time overwrote, which could not grow beyond a
 * megabyte and vanished after an hour. What it has noted there is taken over when references are first asked for.
 */
class Memcache implements \SessionHandlerInterface, \SessionUpdateTimestampHandlerInterface
{
    /** @var object|null the object that the constructor was given */
    protected $cache = null;

    /** @var string|null where the original keeps its references */
    private $cache_ref_key = null;

    /** @var string|null the name of the global variable */
    private $dalmp_sessions_ref = null;

    /** @var string|null the site */
    private $dalmp_sessions_key = null;

    /**
     * Takes the server from `$cache`, and talks to it natively, over a connection of its own:
     *
     * - a DSN such as `memcached://127.0.0.1:11211`, or an array of options as {@see \Seshat\Handler} takes them;
     * - an object that keeps `host` and `port`, as DALMP's own caches do, whoever may see them; a host with a slash is a
     *   unix socket;
     * - `Memcached`, or an object whose `X()` hands one out.
     *
     * The name of the reference is the constant `DALMP_SESSIONS_REF`, else `$sessions_ref`: the **global variable** whose value at
     * the end of the request becomes the session's reference. One that is empty takes the reference away, as in the original; a
     * script without such a variable leaves the session the reference that it has.
     *
     * The original told the references of several sites on one server apart by `DALMP_SESSIONS_KEY`, else by the path of its own
     * file. Here it is the constant, else `$sessions_key`. It matters for taking over what the original has noted: without the
     * constant, give the path of the original's file `DALMP/Sessions/Memcache.php`.
     *
     * @param object|string|array<string, mixed> $cache
     * @param string $sessions_ref
     * @param string|null $sessions_key
     *
     * @throws \RuntimeException for something that does not tell where the server is, and for options that make no sense
     */
    public function __construct(#[\SensitiveParameter] $cache, $sessions_ref = 'UID', $sessions_key = null)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * The sessions that have a reference.
     *
     * Expired ones are not listed; the original listed them. Reads them all: see `Seshat\Handler::allReferences()` for many.
     *
     * @return array<string, array<int|string, int>> by storage key: `[reference => expiry as unix time]`; a reference that is a
     *     decimal number is an int, as PHP's arrays have it
     *
     * @throws \RuntimeException if the storage failed
     */
    public function getSessionsRefs()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * The sessions of one reference. The cost depends on how many it has, not on how many there are.
     *
     * @param string|int $ref 42 and "42" are the same
     *
     * @return array<string, array<int|string, int>> as {@see getSessionsRefs()}
     *
     * @throws \RuntimeException if the storage failed
     */
    public function getSessionRef($ref)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Ends the sessions of one reference. A session that another request holds at that moment ends, too: what that request
     * writes is refused.
     *
     * @param string|int $ref 42 and "42" are the same
     *
     * @return bool true, also when there was none
     *
     * @throws \RuntimeException if the storage failed
     */
    public function delSessionRef($ref)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Ends the request's work on the session and gives its lock back.
     *
     * @return bool
     */
    #[\ReturnTypeWillChange]
    public function close()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Ends a session. True as well if there is none; the original answered false or 0 then.
     *
     * @return bool false after a warning, if the storage failed
     */
    #[\ReturnTypeWillChange]
    public function destroy(string $session_id)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Removes sessions that have expired, and says how many. Live sessions and their references stay.
     *
     * @param int $maxlifetime seconds
     *
     * @return int|false
     */
    #[\ReturnTypeWillChange]
    public function gc(int $maxlifetime)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Does nothing; the store connects when it is first asked.
     *
     * @param string $save_path ignored
     * @param string $name ignored
     *
     * @return bool
     */
    #[\ReturnTypeWillChange]
    public function open(string $save_path, string $name)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * A session's data, and "" for one that is missing or has expired; the original answered false or null then, and
     * PHP did not start. A call of PHP's session functions takes the lock, one of your own does not.
     *
     * @return string|false false after a warning, if the storage failed or the lock was not to be had
     *
     * @throws \RuntimeException instead of the warning, in a call of your own
     */
    #[\ReturnTypeWillChange]
    public function read(string $session_id)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Stores a session for `session.gc_maxlifetime` seconds, with its reference.
     *
     * @return bool false after a warning, if it is not certain that it is stored
     *
     * @throws \RuntimeException instead of the warning, in a call of your own
     */
    #[\ReturnTypeWillChange]
    public function write(string $session_id, string $session_data)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Whether there is such a session, for `session.use_strict_mode`. The original had no such method.
     *
     * @return bool
     */
    #[\ReturnTypeWillChange]
    public function validateId(string $session_id)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Extends the life of an unchanged session. The original had no such method and wrote it.
     *
     * @return bool
     */
    #[\ReturnTypeWillChange]
    public function updateTimestamp(string $session_id, string $session_data)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }
}
