<?php

namespace Seshat;

/**
 * The lock of a session without the session: for sessions that are kept elsewhere, in a cache for instance, and for
 * whatever else two requests must not do at the same time.
 *
 *     $lock = new Seshat\Lock('redis://127.0.0.1?lock_wait=5s');
 *     if ($lock->acquire('invoice-4711')) {
 *         // Nobody else is here.
 *         $lock->release();
 *     }
 *
 * Every store that locks sessions will do; docs/locking.md says what each guarantees. Nothing is stored under the
 * id but the lock: it is the lock of the session of that id in this store, so that a {@see Handler} with the same
 * DSN and an object of this class exclude each other.
 *
 * An object holds **one lock at a time**. It gives the lock back when it goes out of scope, at the latest at the end
 * of the request, also after `exit` or a fatal error. Connections belong to the worker and outlive the object. A
 * forked child does not have its parent's lock. Cannot be cloned or serialized.
 */
final class Lock
{
    /**
     * Takes what the constructor of {@see Handler} takes: a DSN, or an array, and more options. Of the options these
     * count: `lock_wait` (the most that acquire() waits; default 30 s, 0 takes the lock now or not at all),
     * `lock_expire` (after this time the lock of a holder that shows no sign of life may be taken, in stores whose
     * locks do not die with their holder; default 30 s), and the store's own. `locking` has no meaning here:
     * whoever acquires a lock wants it.
     *
     * Connects to nothing.
     *
     * @param string|array<string, mixed> $dsn
     * @param array<string, mixed> $options more options; they replace those of the first argument
     *
     * @throws Exception for an unknown store or option (with the nearest known name) and for values that make no
     *     sense, all in one message
     */
    public function __construct(#[\SensitiveParameter] string|array $dsn, #[\SensitiveParameter] array $options = [])
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Takes the lock, and waits for it as long as `lock_wait` says.
     *
     * A lock that this object holds already is renewed; one that it held and lost is taken anew.
     *
     * @param string $id 1 to 256 of `a-z A-Z 0-9 , -`, as the ids of sessions
     *
     * @return bool false if somebody else held the lock for all that time
     *
     * @throws Exception if the store failed or cannot lock, if the id is not acceptable, and if this object holds the
     *     lock of another id
     */
    public function acquire(string $id): bool
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Asks the store whether the lock is still this object's, and lets it run for another `lock_expire`. A lock that
     * was lost stays lost until it is acquired again: somebody else may have been at work.
     *
     * @return bool false also if no lock was acquired
     *
     * @throws Exception if the store failed: it is not known then whose the lock is
     */
    public function isHeld(): bool
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Gives the lock back. Without one, and for one that was lost, nothing happens. Never fails: what cannot be
     * released goes with its lease.
     */
    public function release(): void
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }
}
