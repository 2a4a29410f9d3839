<?php

namespace Phalcon\Session\Adapter;

/**
 * Sessions in a table of MariaDB's, read and written past its SQL through the plugin HandlerSocket: the adapter of Phalcon 3's incubator. The
 * object is the session itself; it can also be given to a {@see \Phalcon\Session\Manager}.
 *
 *     $session = new Phalcon\Session\Adapter\HandlerSocket([
 *         'lifetime' => 3600,
 *         'server'   => ['host' => 'localhost', 'port' => 9999, 'dbname' => 'session', 'dbtable' => 'php_session', 'auth' => $secret],
 *     ]);
 *     $session->start();
 *     $session->set('user', 12);
 *
 * The table is the incubator's: `id`, `modified`, `data`. Its sessions are found, and the other way round; but the incubator's adapter wrote
 * `modified` in PHP's time zone, and here it is UTC unless the option `timezone` says how far the zone is ahead (`+02:00`).
 *
 * HandlerSocket cannot lock: of two requests of one session at the same time the later write wins. What does not fit its column (an id of more than
 * 32 characters, data of more than 64 KB, bytes that are no characters) is refused and named, and the session stays as it was.
 *
 * Followed from the incubator (1.x to 3.4), with these differences: a session ends after its lifetime, errors are told, `cookie_path` and
 * `cookie_domain` are applied, `start()` starts this object instead of another one, and the other PHP extension is not needed.
 *
 * While it is connected the server refuses to change the table's definition; `persistent => false` among the options of `server` closes the
 * connection with the session. The page of the store, src/backend/handlersocket/docs.md, says how the server is set up.
 *
 * Exists only when the extension was built with the store `handlersocket`.
 */
class HandlerSocket extends \Phalcon\Session\Adapter implements \SessionHandlerInterface, \SessionUpdateTimestampHandlerInterface
{
    /** The incubator's constants, for code that names them. */
    const DB_FIELDS = 'id,modified,data';

    /** By which index gc finds expired sessions. */
    const DB_GC_INDEX = 'modified';

    const DEFAULT_DBNAME = 'session';

    const DEFAULT_DBTABLE = 'php_session';

    const DEFAULT_HOST = 'localhost';

    /** The server's port for writing, `handlersocket_port_wr`. */
    const DEFAULT_PORT = 9999;

    /**
     * Registers itself as PHP's save handler; while a session is active PHP warns and does not take it. Asks nothing of the server.
     *
     * `cookie_path` and `cookie_domain` become those of the session's cookie, unless a session is active or headers were sent. `lifetime` is how long a
     * session lives after its last use, in seconds; without it `session.gc_maxlifetime` counts. It is not the cookie's: a cookie is sent once, and
     * would end a session that is in use. Without any options the path is `/`, the domain is none, and the lifetime is 3600.
     *
     * `server` says where: `host` (localhost), `port` (9999), `dbname` (session), `dbtable` (php_session), and the other options of the store, such as
     * `auth`, `rd_port`, `timezone`, `persistent`, `gc_index`, `read_timeout`, and `column_id`, `column_modified`, `column_data` for columns with other
     * names. Names are letters, digits and `_`. Options of the store and of Seshat (`store_empty`) may also stand beside `server`. `uniqueId` is for
     * `get()` and `set()`. An unknown option is an error, with the nearest known name.
     *
     * @param array{
     *     cookie_path?: string,
     *     cookie_domain?: string,
     *     lifetime?: int|float|string,
     *     uniqueId?: string,
     *     server?: array{
     *         host?: string,
     *         port?: int|string,
     *         dbname?: string,
     *         dbtable?: string,
     *         auth?: string,
     *         timezone?: string,
     *         persistent?: bool|int|string,
     *         ...
     *     }|object,
     *     ...
     * }|object|null $options the options, as an array or an object with a method `toArray()`
     *
     * @throws \Phalcon\Session\Exception when an option is unknown or its value makes no sense
     */
    public function __construct(#[\SensitiveParameter] $options = [])
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /** Ends the work on the session. A direct call does nothing. As {@see \Seshat\Handler::close()}. */
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
     * Removes expired sessions, by the index `modified`, in parts; one worker of all machines at a time. As {@see \Seshat\Handler::gc()}.
     *
     * @param int $max_lifetime in seconds
     *
     * @return int how many
     *
     * @throws \Phalcon\Session\Exception when a direct call fails
     */
    #[\ReturnTypeWillChange]
    public function gc(int $max_lifetime)
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
     * The session's data, empty if there is none or it has expired. As {@see \Seshat\Handler::read()}.
     *
     * @param string $id
     *
     * @return string|false
     *
     * @throws \Phalcon\Session\Exception when a direct call fails
     */
    #[\ReturnTypeWillChange]
    public function read(string $id)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Registers this object as PHP's save handler, if it is not, and starts the session.
     *
     * With options it takes them first, in place of all that it had: as the constructor. (The incubator's made another object of them and left this one
     * without effect.) While a session is active it changes nothing.
     *
     * @param array<string, mixed>|object|null $options as for the constructor
     *
     * @return bool true only if this call started it
     *
     * @throws \Phalcon\Session\Exception as the constructor
     */
    public function start(#[\SensitiveParameter] $options = [])
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * As {@see \Seshat\Handler::updateTimestamp()}: `modified` becomes the present time, and a session that vanished is stored again.
     *
     * @param string $id
     * @param string $data the data that is stored
     *
     * @return bool
     *
     * @throws \Phalcon\Session\Exception when a direct call fails
     */
    #[\ReturnTypeWillChange]
    public function updateTimestamp(string $id, string $data)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Whether there is such a session.
     *
     * @param string $id
     *
     * @return bool
     *
     * @throws \Phalcon\Session\Exception when a direct call fails
     */
    #[\ReturnTypeWillChange]
    public function validateId(string $id)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * As {@see \Seshat\Handler::write()}: what was stored is read back in the same exchange, and if it did not survive the write fails.
     *
     * @param string $id
     * @param string $data any bytes that the column can hold
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
}
