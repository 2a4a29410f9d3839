<?php

namespace Phalcon\Session\Adapter;

/**
 * An Aerospike cluster, as Phalcon 3's incubator had it: the object is the session itself. The PHP extension aerospike is not needed.
 *
 *     $session = new Phalcon\Session\Adapter\Aerospike([
 *         'hosts' => [['addr' => '127.0.0.1', 'port' => 3000]],
 *         'namespace' => 'test', 'prefix' => 'session_', 'uniqueId' => 'my-app',
 *     ]);
 *     $session->start();
 *     $session->set('user', 12);
 *
 * Sessions are where the incubator has them: set `session`, key `<prefix><id>`, bin `value`. They are written as bytes; those that the
 * incubator wrote as text are read. They are **locked unless you turn it off**, which the incubator had not. The namespace must let records expire
 * (`nsup-period`).
 *
 * Exists only when the extension was built with the store `aerospike`.
 */
class Aerospike extends \Phalcon\Session\Adapter implements \SessionHandlerInterface, \SessionUpdateTimestampHandlerInterface
{
    /**
     * Registers itself as PHP's save handler; while a session is active PHP warns and does not take it. Connects to nothing: other than in the
     * incubator a cluster that is away is told by `start()`.
     *
     * The incubator's options and defaults: `hosts` (required: a list of arrays with `addr` and `port`, 3000 if it is not said), `namespace` test,
     * `set` session, `prefix` empty, `lifetime` 8600 s (1 s to ten years; null: `session.gc_maxlifetime`; 0: ten years), `uniqueId`, `options`. Of
     * the last `OPT_CONNECT_TIMEOUT`, `OPT_READ_TIMEOUT` and `OPT_WRITE_TIMEOUT` mean something, in milliseconds, the longer one of the last two
     * for every answer; one operation takes as long as connecting and one answer may take. Without them it takes 5 s. Seshat's options of the
     * lock: `locking`, `lock_expire`, `lock_wait`, `on_lock_timeout`, `on_lock_lost`, `store_empty`; of the way to the servers: `user`, `password`,
     * `timeout`, `connect_timeout`, `read_timeout`, `tls`, `ca_file`, `client_cert`, `client_key`, `server_name`, `verify`. Accepted without effect:
     * `persistent`, `adapter`. Any other option is a warning with the nearest known name.
     *
     * @param array<string, mixed>|object|null $options an array, or an object with a method `toArray()`
     *
     * @throws \Phalcon\Session\Exception "No hosts given in options", or when another option's value makes no sense
     */
    public function __construct(#[\SensitiveParameter] $options = null)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /** As {@see \Seshat\Handler::close()}. */
    #[\ReturnTypeWillChange]
    public function close()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * In two parts: a session's and a save handler's.
     *
     * - `destroy()` or `destroy(null)`, `destroy(true)`, `destroy(false)`: ends the session, as {@see \Phalcon\Session\Adapter::destroy()}. This
     *   session's entries of `$_SESSION` are always removed; the incubator removed all of `$_SESSION`. A session that was closed before is deleted.
     * - `destroy($id)`: PHP's call. Deletes that record and leaves `$_SESSION` alone, so that `regenerateId()` keeps it.
     *
     * @param string|bool|null $id
     *
     * @return bool true also for a record that was not there; false in the incubator
     */
    #[\ReturnTypeWillChange]
    public function destroy($id = null)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Nothing to do: the servers remove what expired.
     *
     * @return int 0; true in the incubator
     */
    #[\ReturnTypeWillChange]
    public function gc(int $max_lifetime)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * A new client of the PHP extension aerospike with the options `hosts`, `persistent` and `options`, for code that used the one that the
     * incubator had inside. Sessions do not need it.
     *
     * @return \Aerospike
     *
     * @throws \Phalcon\Session\Exception when the extension is not loaded
     */
    public function getDb()
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
     * As {@see \Seshat\Handler::read()}.
     *
     * @param string $id
     *
     * @return string "" when there is no such session; null in the incubator
     */
    #[\ReturnTypeWillChange]
    public function read(string $id)
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

    /** As {@see \Seshat\Handler::updateTimestamp()}; the incubator wrote the whole record instead. */
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

    /**
     * As {@see \Seshat\Handler::write()}.
     *
     * @param string $id
     * @param string $data
     */
    #[\ReturnTypeWillChange]
    public function write(string $id, string $data)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }
}
