<?php

namespace DALMP\Sessions;

/**
 * Sessions in a table of a MySQL or MariaDB database, as DALMP has it: `dalmp_sessions (sid, expiry, data, ref, ts)`. The table is the
 * application's to create, as in the original; the error that says that it is missing shows how.
 *
 * The original asked two clocks, the web server's and the database's, named another table than it was told when it looked for a
 * reference, and rebuilt the table at each gc().
 */
class MySQL implements \SessionHandlerInterface, \SessionUpdateTimestampHandlerInterface
{
    /** @var object|null the object that the constructor was given */
    protected $DB = null;

    /** @var string|null the name of the global variable */
    private $dalmp_sessions_ref = null;

    /** @var string|null the table */
    private $dalmp_sessions_table = null;

    /**
     * Takes the server from `$DB`, and talks to it natively, over a connection of its own:
     *
     * - a `DALMP\Database`, or another object with its property `dsn`, whoever may see that;
     * - a DSN: DALMP's `utf8://user:password@host:3306/db`, or `mysql://user:password@host:3306/db?table=sessions`;
     * - an array of options as {@see \Seshat\Handler} takes them.
     *
     * The table is the constant `DALMP_SESSIONS_TABLE`, else the option `table`, else `dalmp_sessions`. The name of the reference is the
     * constant `DALMP_SESSIONS_REF`, else `$sessions_ref`; see {@see Redis}.
     *
     * @param object|string|array<string, mixed> $DB
     * @param string $sessions_ref
     *
     * @throws \RuntimeException for something that does not tell where the database is, and for options that make no sense
     */
    public function __construct(#[\SensitiveParameter] $DB, $sessions_ref = 'UID')
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * The sessions that have a reference.
     *
     * Expired ones are not listed; the original listed them. Reads them all: see `Seshat\Handler::allReferences()` for many.
     *
     * @return array<string, array<int|string, int>> by session id: `[reference => expiry as unix time]`; a reference that is a
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
     * @return bool|int true, or 0 when there was none
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
