<?php

namespace Phalcon\Incubator\Session\Adapter;

/**
 * Sessions in a collection of MongoDB: the adapter of the package phalcon/incubator-session, for Phalcon 4 and 5.
 *
 *     $manager = new Phalcon\Session\Manager();
 *     $manager->setAdapter(new Phalcon\Incubator\Session\Adapter\Mongo($client->selectCollection('app', 'session_data')));
 *     $manager->start();
 *
 * `$collection` decides who does the work:
 *
 * | `$collection` | done by |
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
 * Other than in the package, a session that did not change has its lifetime extended, one that is written with the same data is no failure, nor is
 * one that is destroyed though it is not there, and gc removes what expired. All else is as {@see \Phalcon\Session\Adapter\Mongo} has it.
 *
 * Exists only when the extension was built with the store `mongodb`.
 */
class Mongo extends \Phalcon\Session\Adapter\AbstractAdapter
{
    /** @var object|null the application's collection; null where a DSN or options were given */
    protected $collection = null;

    /**
     * Registers itself as PHP's save handler, as in the package; while a session is active PHP warns and does not take it. Asks nothing of the server.
     *
     * @param object|string|array<string, mixed> $collection as above; or, as in the package's own sample, an array with the object under `collection`, and
     *     further options beside it
     *
     * @throws \Phalcon\Session\Exception when this is none of these
     */
    public function __construct(#[\SensitiveParameter] $collection)
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

    /** Ends the work on the session and gives its lock back. A direct call does nothing. As {@see \Seshat\Handler::close()}. */
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
    public function read(string $id)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /** As {@see \Seshat\Handler::updateTimestamp()}. The original left `modified` of an unchanged session as it was. */
    public function updateTimestamp(string $id, string $data)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /** As {@see \Seshat\Handler::validateId()}. */
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
