<?php

namespace Phalcon\Incubator\Session\Adapter;

/**
 * Sessions in a table of an SQL database: the adapter of the package phalcon/incubator-session, for Phalcon 4 and 5.
 *
 *     $manager = new Phalcon\Session\Manager();
 *     $manager->setAdapter(new Phalcon\Incubator\Session\Adapter\Database($connection, 'session_data'));
 *     $manager->start();
 *
 * The table has the columns of {@see \Phalcon\Session\Adapter\Database}, but its times are timestamps. On MySQL they are read and written in the
 * time zone of the connection, so that they agree with the column's default; on SQLite in UTC, as its `CURRENT_TIMESTAMP` is. The package wrote
 * them in PHP's zone.
 *
 * Other than in the package, a session that did not change has its lifetime extended, a new one is stored by a single statement, and on MySQL
 * sessions are locked. All else is as that class has it: what `$connection` may be, transactions, failures.
 *
 * Exists only when the extension was built with the store `sqlite` or `mysql`.
 */
class Database extends \Phalcon\Session\Adapter\AbstractAdapter
{
    /** The table's name where none is given. */
    public const DEFAULT_TABLE_NAME = 'session_data';

    /** @var object|null the application's connection; null where the store has one of its own */
    protected $connection = null;

    /** @var bool whether `open()` was called, and neither `close()` nor `destroy()` since */
    protected $started = false;

    /**
     * Registers itself as PHP's save handler, as in the package; while a session is active PHP warns and does not take it. Asks nothing of the
     * database.
     *
     * @param object|string|array<string, mixed> $connection a connection of Phalcon's, a `PDO` or a `mysqli`; or a DSN, an array of options or a
     *     described connection for a store with a connection of its own
     * @param string $tableName
     * @param array{session_id?: string, data?: string, created_at?: string, modified_at?: string} $columns the columns that have other names
     *
     * @throws \Phalcon\Session\Exception when this is no connection, its database is none of SQLite, MySQL and MariaDB, or a name is not made
     *     of letters, digits and `_`
     */
    public function __construct(#[\SensitiveParameter] $connection, string $tableName = 'session_data', array $columns = [])
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /** Ends the work on the session and gives its lock back. */
    public function close()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Deletes the record.
     *
     * @param string $id
     *
     * @return bool true also if there was no such session
     *
     * @throws \Phalcon\Session\Exception when a direct call fails
     */
    public function destroy(string $id)
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
    public function open(string $path = '', string $name = '')
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * As {@see \Phalcon\Session\Adapter\Database::write()}. A direct call is false before `open()`; with `session.lazy_write` it leaves a
     * session that has this data already as it is, `modified_at` too. Both as in the package.
     *
     * @param string $id
     * @param string $data any bytes
     *
     * @return bool
     *
     * @throws \Phalcon\Session\Exception when a direct call fails
     */
    public function write(string $id, string $data)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * As {@see \Phalcon\Session\Adapter\Database::gc()}.
     *
     * @param int $max_lifetime in seconds
     *
     * @return int|false how many sessions were removed; false on failure
     */
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
    public function read(string $id)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /** As {@see \Seshat\Handler::updateTimestamp()}. */
    public function updateTimestamp(string $id, string $data)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /** As {@see \Seshat\Handler::validateId()}. */
    public function validateId(string $id)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }
}
