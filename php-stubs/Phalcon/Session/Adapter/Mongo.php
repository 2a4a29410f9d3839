<?php

namespace Phalcon\Session\Adapter;

/**
 * Sessions in a collection of MongoDB: the adapter of Phalcon 3's incubator. The object is the session itself; it can also be given to a
 * {@see \Phalcon\Session\Manager}.
 *
 *     $mongo = new \Mongo();
 *     $session = new Phalcon\Session\Adapter\Mongo(['collection' => $mongo->test->session_data]);
 *     $session->start();
 *     $session->set('user', 12);
 *
 * `collection` decides who does the work:
 *
 * | `collection` | done by |
 * | --- | --- |
 * | a DSN (`mongodb://app@db1,db2/app?replicaSet=rs0&collection=session_data`) or an array of options | the native store, by a driver of its own |
 * | an object with `getDescriptor()`, such as `$mongo->test->session_data` of the polyfill's `\Mongo` | the native store, on the server that it describes |
 * | a `MongoDB\Collection`, or an object with its methods `findOne`, `insertOne`, `updateOne`, `deleteOne` and `deleteMany` | that object; it needs PHP's extension mongodb. `findOneAndUpdate` and `updateMany` are used if they are there |
 *
 * The documents are the incubator's, `_id`, `data` (a string where it is UTF-8) and `modified`, with `expires_at` beside them and `lock` while the
 * session is locked; `layout=symfony` writes those of Symfony's handler. Either kind is read, also `modified` in seconds, as the original stores it.
 * Sessions are **locked unless you turn it off**, which the original had not. A session lives for `session.gc_maxlifetime` after its last use, or
 * `lifetime`.
 *
 * Over an object of the application's each command is a wait for the server: three or four with a request, where the native store has one or two.
 * What is to be heard before a write counts is that object's own affair; reads are asked of the primary.
 *
 * Exists only when the extension was built with the store `mongodb`.
 */
class Mongo extends \Phalcon\Session\Adapter implements \SessionHandlerInterface, \SessionUpdateTimestampHandlerInterface
{
    /** @var object|null the application's collection; null where a DSN or options were given */
    protected $collection = null;

    /**
     * Registers itself as PHP's save handler, as the original; while a session is active PHP warns and does not take it. Asks nothing of the server.
     *
     * Seshat's own options count too: `lifetime`, `locking`, `lock_wait`, `lock_expire`, `on_lock_timeout`, `on_lock_lost`, `store_empty`, `layout`; beside a
     * DSN, options or a description those of the native store (`create_index`, `timeout`). `uniqueId` is for `get()` and `set()`. Beside an object an unknown option
     * is a warning, otherwise an error; either way with the nearest known name.
     *
     * @param array{
     *     collection: object|string|array<string, mixed>,
     *     uniqueId?: string,
     *     layout?: 'incubator'|'symfony',
     *     lifetime?: int|float|string,
     *     locking?: bool|int|string,
     *     lock_wait?: int|float|string,
     *     on_lock_timeout?: 'fail'|'readonly',
     *     adapter?: string,
     *     ...
     * }|object|null $options the options, as an array or an object with a method `toArray()`
     *
     * @throws \Phalcon\Session\Exception when `collection` is missing or is none of these, or an option's value makes no sense
     */
    public function __construct(#[\SensitiveParameter] $options = null)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Without an argument, or with a boolean: ends the session for good. `$_SESSION` stays as it is; `destroy(true)` empties it, as far as it is this object's.
     * With an id it is PHP that asks for that record to be deleted.
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

    /** Ends the work on the session and gives its lock back. A direct call does nothing. As {@see \Seshat\Handler::close()}. */
    #[\ReturnTypeWillChange]
    public function close()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Removes what was not used for so long, in batches. Where the server has an index by which it removes expired sessions itself (`create_index`),
     * only those that others stored without an expiry.
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
     * As {@see \Seshat\Handler::read()}. Expired records are not read; the original read them.
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

    /** As {@see \Seshat\Handler::updateTimestamp()}. The original left `modified` of an unchanged session as it was. */
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
     * @param string $data any bytes; what is no UTF-8 is stored as binary
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
     * The object that was given as the collection.
     *
     * @return object|null null where a DSN or options were given
     */
    protected function getCollection()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }
}
