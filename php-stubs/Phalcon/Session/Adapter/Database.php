<?php

namespace Phalcon\Session\Adapter;

/**
 * Sessions in a table of an SQL database: the adapter of Phalcon 3's incubator. The object is the session itself; it can also be given to a
 * {@see \Phalcon\Session\Manager}.
 *
 *     $session = new Phalcon\Session\Adapter\Database([
 *         'db'    => new PDO('mysql:host=localhost;dbname=app', 'app', $password),
 *         'table' => 'session_data',
 *     ]);
 *     $session->start();
 *     $session->set('user', 12);
 *
 * `db` decides who does the work:
 *
 * | `db` | done by | locked from read to write |
 * | --- | --- | --- |
 * | a DSN (`sqlite:///srv/app.db`, `mysql://app@localhost/app`), an array of options, a connection that is only described (the polyfill's `Phalcon\Db\Adapter\Pdo\Mysql` and `Sqlite`) | the native store of that database, on a connection of its own | yes |
 * | a `PDO` or `mysqli` on MySQL or MariaDB, a connection of Phalcon's there | that object | yes, by `GET_LOCK()` |
 * | a `PDO` on SQLite, a connection of Phalcon's there | that object | no: a change is refused if the session was changed since it was read |
 *
 * The table is the incubator's: `session_id`, `data`, and in whole seconds `created_at` and `modified_at`, which is null until the first
 * change. Sessions that Phalcon stored are found, and the other way round. A session lives for `session.gc_maxlifetime` after its last use.
 *
 * docs/database.md says what holds for connections of the application: transactions, error modes, columns that are too short.
 *
 * Exists only when the extension was built with the store `sqlite` or `mysql`.
 */
class Database extends \Phalcon\Session\Adapter implements \SessionHandlerInterface, \SessionUpdateTimestampHandlerInterface
{
    /** @var object|null the application's connection; null where the store has one of its own */
    protected $connection = null;

    /**
     * Registers itself as PHP's save handler; while a session is active PHP warns and does not take it. Asks nothing of the database.
     *
     * `table` and the columns are names of letters, digits and `_`. The columns can have other names (`column_session_id`, `column_data`,
     * `column_created_at`, `column_modified_at`), the table another layout (`schema`: `phalcon`, `symfony`, `laravel`, `dalmp`, `handlersocket`,
     * `seshat`), its times another form (`timestamps`: `int`, or `datetime` with `timezone`; SQLite's columns say it themselves).
     *
     * Seshat's own options count too: `lifetime` (it replaces `session.gc_maxlifetime`; Phalcon ignored it), `locking`, `lock_wait`,
     * `on_lock_timeout`, `on_lock_lost`, `store_empty`; beside a DSN or an array those of that store. `uniqueId` is for `get()` and `set()`.
     * Beside a connection an unknown option is a warning, otherwise an error; either way with the nearest known name.
     *
     * @param array{
     *     db: object|string|array<string, mixed>,
     *     table: string,
     *     uniqueId?: string,
     *     column_session_id?: string,
     *     column_data?: string,
     *     column_created_at?: string,
     *     column_modified_at?: string,
     *     schema?: string,
     *     timestamps?: 'int'|'datetime',
     *     timezone?: string,
     *     lifetime?: int|float|string,
     *     locking?: bool|int|string,
     *     lock_wait?: int|float|string,
     *     on_lock_timeout?: 'fail'|'readonly',
     *     on_lock_lost?: 'fail'|'overwrite',
     *     store_empty?: bool|int|string,
     *     adapter?: string,
     *     ...
     * }|object|null $options the options, as an array or an object with a method `toArray()`
     *
     * @throws \Phalcon\Session\Exception when `db` or `table` is missing, the object is no connection, its database is none of SQLite, MySQL and
     *     MariaDB, or an option's value makes no sense
     */
    public function __construct(#[\SensitiveParameter] $options = null)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /** Ends the work on the session and gives its lock back. A direct call does nothing. As {@see \Seshat\Handler::close()}. */
    #[\ReturnTypeWillChange]
    public function close()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Without an argument, or with a boolean: ends the session for good. `$_SESSION` stays as it is, as in Phalcon; `destroy(true)` empties
     * it, as far as it is this object's. With an id it is PHP that asks for that record to be deleted.
     *
     * @param string|bool|null $id
     *
     * @return bool true also if there was no such session
     *
     * @throws \Phalcon\Session\Exception when a direct call with an id fails
     */
    #[\ReturnTypeWillChange]
    public function destroy($id = null)
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
    #[\ReturnTypeWillChange]
    public function open(string $path = '', string $name = '')
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Registers this object as PHP's save handler, if it is not, and starts the session.
     *
     * @return bool true only if this call started it
     */
    public function start()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * As {@see \Seshat\Handler::write()}. On a connection that cannot lock, a session that was changed since PHP read it stays as it is stored, with a
     * warning.
     *
     * @param string $id
     * @param string $data any bytes
     *
     * @return bool
     *
     * @throws \Phalcon\Session\Exception when a direct call fails
     */
    #[\ReturnTypeWillChange]
    public function write(string $id, string $data)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * As {@see \Seshat\Handler::gc()}, in small steps. In an open transaction of the application's it removes nothing.
     *
     * @param int $max_lifetime in seconds
     *
     * @return int|false how many; false on failure
     */
    #[\ReturnTypeWillChange]
    public function gc(int $max_lifetime)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * As {@see \Seshat\Handler::read()}.
     *
     * @param string $id
     *
     * @return string|false "" when there is no such session
     *
     * @throws \Phalcon\Session\Exception when a direct call fails
     */
    #[\ReturnTypeWillChange]
    public function read(string $id)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /** As {@see \Seshat\Handler::updateTimestamp()}. */
    #[\ReturnTypeWillChange]
    public function updateTimestamp(string $id, string $data)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /** As {@see \Seshat\Handler::validateId()}. */
    #[\ReturnTypeWillChange]
    public function validateId(string $id)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }
}
