<?php

namespace Seshat;

/**
 * A save handler for `session_set_save_handler()`: PHP's whole session protocol over any store.
 *
 *     session_set_save_handler(new Seshat\Handler('sqlite:///var/lib/app/sessions.db'), true);
 *     session_start();
 *
 * The constructor only checks and keeps the configuration; the first use connects. Connections belong to the
 * worker and outlive the request.
 *
 * Called by PHP's session functions, the methods lock, extend and fence as docs/locking.md describes, and a failure
 * is one `E_WARNING` and `false`. Called by your own code they work on the store directly, **take no lock** and
 * throw {@see Exception}. PHP checks an id only in its own functions; here every method does: 1 to 256 of
 * `a-z A-Z 0-9 , -`, anything else is refused before it can become a path or a key.
 *
 * May be extended; call `parent::__construct()` before anything else. Cannot be cloned or serialized.
 */
class Handler implements \SessionHandlerInterface, \SessionIdInterface, \SessionUpdateTimestampHandlerInterface
{
    /**
     * Takes a DSN (`redis://user:password@host:6379/0?lock_wait=5`) or everything as one array.
     *
     * An array says either `dsn`, which its other entries replace part by part, or `store` with the parts. Every
     * store has its own options besides the common ones below; docs/configuration.md lists the forms and
     * links to each store's options. `null` is the same as leaving an option out. Times are seconds, as a number or
     * as text with a unit (`us`, `ms`, `s`, `m`, `h`, `d`): `1.5`, `"500ms"`, `"2m"`. Switches take booleans, 0 and 1,
     * or `on`, `off`, `yes`, `no`, `true`, `false`.
     *
     * - `locking` (also `locking_enabled`): lock the session from read to close. Default: on.
     * - `lock_wait`: the most that a request waits for the lock, at most a day. Default: 30 s. phpredis's `lock_wait_time`
     *   (microseconds between tries) and `lock_retries` are understood: the limit is their product.
     * - `lock_expire`: after this time the lock of a holder that shows no sign of life may be taken, in stores whose
     *   locks do not die with their holder. From 1 s to a day. Default: 30 s.
     * - `on_lock_timeout`: `fail`, the session does not start; `readonly`, it is read without its lock and a
     *   changed one is refused at the end. Default: `fail`.
     * - `early_refresh`: extend the lifetime with the read where that costs nothing. Default: on.
     * - `lifetime`: how long an unused session lives, 1 s to ten years. Default: `session.gc_maxlifetime`, as it is
     *   at each call.
     * - `store_empty`: store a session that never held anything, as PHP's own handlers do. Default: on.
     * - `ref`: the session variable that says to whom a session belongs, its reference, for {@see sessionsOf()} and its
     *   like: an int or a string of up to 255 bytes, read whenever the session is written. Default: none.
     * - `ref_global`: the same, but the name of a global variable.
     * - `references`: keep references that {@see setReference()} sets, without a variable. Default: off.
     * - `max_sessions_per_ref`: the most sessions that one reference may have, up to a million. Default: no limit.
     * - `on_max_sessions`: `end_oldest`, one session more is stored and those that were not used for the longest time
     *   end; `refuse`, it is not stored, with a warning. Default: `end_oldest`.
     *
     * Defaults of the first three and of `early_refresh` come from the `seshat.session.*` settings in php.ini.
     *
     * @param string|array{
     *     dsn?: string,
     *     store?: string,
     *     host?: string,
     *     port?: int<1, 65535>,
     *     user?: string,
     *     username?: string,
     *     password?: string,
     *     path?: string,
     *     locking?: bool|int|string,
     *     locking_enabled?: bool|int|string,
     *     lock_wait?: int|float|string,
     *     lock_wait_time?: int,
     *     lock_retries?: int,
     *     lock_expire?: int|float|string,
     *     on_lock_timeout?: 'fail'|'readonly',
     *     early_refresh?: bool|int|string,
     *     lifetime?: int|float|string,
     *     store_empty?: bool|int|string,
     *     ref?: string,
     *     ref_global?: string,
     *     references?: bool|int|string,
     *     max_sessions_per_ref?: int<1, 1000000>,
     *     on_max_sessions?: 'end_oldest'|'refuse',
     *     ...
     * } $dsn
     * @param array<string, mixed> $options more options; they replace those of the first argument
     *
     * @throws Exception for an unknown store or option (with the nearest known name) and for values that make no
     *     sense, all in one message; also for a folder or database that `open_basedir` forbids
     */
    public function __construct(#[\SensitiveParameter] string|array $dsn, #[\SensitiveParameter] array $options = [])
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Begins a request's work. Connects to nothing.
     *
     * @param string $path ignored: the constructor has said where the sessions are, whatever `session.save_path` says
     * @param string $name ignored: the cookie's name is no part of a record
     *
     * @return bool true
     */
    public function open(string $path, string $name): bool
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Ends the work with the session: a lock that is still held is given back, and a gc that the lottery asked for is
     * done now, when nobody waits for this session any more. The connection stays.
     *
     * @return bool false, with a warning, only if that gc failed; the session is closed all the same
     *
     * @throws Exception if your code called it and the gc failed
     */
    public function close(): bool
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Reads a session; PHP's functions lock it first.
     *
     * Under `session_start(['read_and_close' => true])` no lock is taken and the lifetime is extended all the same.
     *
     * @return string|false the session's data; "" when there is none; false, with a warning, when the store failed or
     *     the lock was not to be had within `lock_wait`
     *
     * @throws Exception if your code called it and the store failed or the id is not acceptable
     */
    public function read(string $id): string|false
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Stores a session and, for PHP's functions, gives its lock back in the same exchange.
     *
     * A request that held the session for longer than `lock_expire`, while another one had it, is refused: what
     * the other one stored stays. A session that vanished in mid-request is stored again, unless the lease had run
     * out by then: it may have been destroyed on purpose.
     *
     * A direct call replaces whatever is stored, without a lock.
     *
     * @param string $data any bytes
     *
     * @return bool false, with a warning, if nothing was stored
     *
     * @throws Exception if your code called it and the store failed or the id is not acceptable
     */
    public function write(string $id, string $data): bool
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Removes a session. One that does not exist is fine.
     *
     * @return bool false, with a warning, if it is not certain that the record is gone
     *
     * @throws Exception if your code called it and the store failed or the id is not acceptable
     */
    public function destroy(string $id): bool
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Removes expired sessions.
     *
     * `session_gc()` and direct calls remove them now, until nothing is left, for at most a minute. PHP's lottery at
     * the start of a request is answered with 0 and served at {@see close()}, as far as some milliseconds allow. The option `lifetime` replaces the number that PHP passes, not the one that your own
     * code passes. A store whose records vanish by themselves has nothing to do.
     *
     * @param int $max_lifetime seconds since the last use; for records that do not carry a lifetime of their own
     *
     * @return int|false how many were removed; false, with a warning, if the store failed
     *
     * @throws Exception if your code called it and the store failed
     */
    public function gc(int $max_lifetime): int|false
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * A new id from PHP's own generator: its random source, and the length and alphabet of php.ini.
     */
    public function create_sid(): string
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Whether the id names a stored session: what `session.use_strict_mode` asks.
     *
     * For PHP's functions this already locks and reads, so that the {@see read()} which follows costs nothing; an id
     * that nobody knows leaves no trace in the store. A store that cannot be reached is no reason to give the visitor
     * a new id: the failure waits for `read()`.
     *
     * @return bool false also for an id that no store would accept
     *
     * @throws Exception if your code called it and the store failed
     */
    public function validateId(string $id): bool
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Ends a session whose data did not change (`session.lazy_write`): it lives for its lifetime from now, and its lock
     * is given back. A record that vanished meanwhile is stored again from `$data`.
     *
     * @param string $data the session's unchanged data
     *
     * @return bool false, with a warning, if the store failed
     *
     * @throws Exception if your code called it and the store failed or the id is not acceptable
     */
    public function updateTimestamp(string $id, string $data): bool
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Says to whom the present session belongs from now on; null for nobody.
     *
     * It is stored when the session is written, changed or not, and goes along with `session_regenerate_id()`. In this
     * request it counts instead of what `ref` or `ref_global` names; in the next one the variable counts again. With
     * `references=on` alone it stays until it is set again.
     *
     * Only over this object's sessions: with `session.save_handler=seshat`, name a variable in the save path.
     *
     * @throws Exception if the configuration keeps no references (`ref`, `ref_global`, `references`), and for an empty
     *     reference or one of more than 255 bytes
     */
    public function setReference(int|string|null $reference): void
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * To whom a stored session belongs.
     *
     * @return string|null null as well if there is no such session
     *
     * @throws Exception if the store failed or has no references, or the id is not acceptable
     */
    public function referenceOf(string $id): ?string
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * The sessions of a reference that are stored and not expired, in the store's order.
     *
     * 42 and "42" are the same reference. The cost depends on how many sessions it has, not on how many there are.
     *
     * @return list<array{id: string, expires: int}> `id` is what the store calls the session: its id, or the digest of it
     *     with `hash_ids`; `expires` is when it ends if nobody uses it, in seconds since 1970
     *
     * @throws Exception if the store failed or has no references, and for an empty reference or one of more than 255
     *     bytes
     */
    public function sessionsOf(int|string $reference): array
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * How many sessions a reference has.
     *
     * @throws Exception as {@see sessionsOf()}
     */
    public function countOf(int|string $reference): int
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Ends the sessions of a reference: "log out everywhere".
     *
     * What another request is working on ends as well: its write is refused with a warning, and the session does not
     * come back, if that request keeps references, too. The session of this object, if it is not spared, ends as
     * with `session_destroy()`: nothing more of it is stored.
     *
     * @param string|null $except the id of a session that stays, as a rule `session_id()`
     *
     * @return int how many were ended
     *
     * @throws Exception as {@see sessionsOf()}; those that were ended by then stay ended
     */
    public function destroyAllOf(int|string $reference, ?string $except = null): int
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * All references that have sessions, without loading them all.
     */
    public function allReferences(): References
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }
}
