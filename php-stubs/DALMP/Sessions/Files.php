<?php

namespace DALMP\Sessions;

/**
 * Sessions as files: `ab/cd/ef/ID.sess` below a folder, the data as it is. Locked like PHP's own.
 *
 * The original left its folder out of all paths, and its gc() ended the request; this is what it meant to do.
 */
class Files implements \SessionHandlerInterface, \SessionUpdateTimestampHandlerInterface
{
    /** @var string|null the folder */
    private $sessions_dir = null;

    /**
     * @param string|false $sessions_dir a folder, which is made for its user alone if it is missing; without it the constant
     *     `DALMP_SESSIONS_DIR`, else `/tmp/dalmp_sessions`. Where others may write, say another one
     *
     * @throws \InvalidArgumentException if the folder cannot be had
     * @throws \RuntimeException if it must not be used
     */
    public function __construct($sessions_dir = false)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Not to be had here, as in the original: false. `Seshat\Handler` over a folder has references.
     *
     * @param bool $expired_sessions ignored
     *
     * @return false
     */
    public function getSessionsRefs($expired_sessions = false)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Not to be had here, as in the original: false. `Seshat\Handler` over a folder has references.
     *
     * @return false
     */
    public function getSessionRef($ref)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Not to be had here, as in the original: false. `Seshat\Handler` over a folder has references.
     *
     * @return false
     */
    public function delSessionRef($ref)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * The paths below a folder that match a pattern.
     *
     * @param string $folder
     * @param string $pattern a regular expression such as `'#\.sess$#'`
     *
     * @return list<string>
     *
     * @throws \UnexpectedValueException if the folder cannot be read
     */
    public function rsearch($folder, $pattern)
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
