<?php

namespace Phalcon\Session\Adapter;

/**
 * Phalcon 3's session over PHP's own save handler, whatever php.ini says that is:
 *
 *     $session = new Phalcon\Session\Adapter\Files(['uniqueId' => 'my-app-1']);
 *     $session->start();
 *     $session->set('user', 12);
 *
 * With the option `savePath`, or in a {@see \Phalcon\Session\Manager}, it keeps its sessions itself, as {@see Stream} does, in files that are
 * named as PHP's are: `sess_<id>`. A session of PHP's files handler goes on here, and the other way round.
 */
class Files extends Stream
{
    /**
     * Phalcon's option is `uniqueId`; all others are {@see Stream}'s, where the default of `prefix` is `sess_`. Without `savePath` nothing is looked
     * at before the adapter is used as a handler, and then files are where `session.save_path` says, also in its form `depth;mode;/path`.
     *
     * An option that nobody knows is a warning with the nearest known name.
     *
     * @param array<string, mixed>|object|null $options an object must have a method `toArray()`
     *
     * @throws Exceptions\InvalidSavePath when `savePath` is empty or no string
     * @throws Exceptions\SavePathUnavailable when `savePath` is missing or not writable
     * @throws \Phalcon\Session\Exception when another option's value makes no sense
     */
    public function __construct($options = null)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Starts the session; see {@see \Phalcon\Session\Adapter::start()}. With `savePath` it registers itself as save handler first, without it PHP's
     * save handler stays as it is.
     *
     * @return bool
     */
    public function start()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * In two parts: a session's and a save handler's.
     *
     * - `destroy()` or `destroy(null)`, `destroy(true)`, `destroy(false)`: ends the session, as {@see \Phalcon\Session\Adapter::destroy()}. A session that was closed before is deleted where this object would keep it.
     * - `destroy($id)`: PHP's call. Deletes that record and leaves `$_SESSION` alone, so that `regenerateId()` keeps it.
     *
     * Reflection says that the argument is required, so that children of Phalcon 4 and 5, which require one, compile; it is not.
     *
     * @param string|bool|null $id
     *
     * @return bool
     */
    public function destroy($id = null)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * As {@see \Seshat\Handler::open()}.
     *
     * @return bool
     */
    public function open(string $path, string $name)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * As {@see \Seshat\Handler::close()}.
     *
     * @return bool
     */
    public function close()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * As {@see \Seshat\Handler::read()}.
     *
     * @return string
     */
    public function read(string $id)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * As {@see \Seshat\Handler::write()}.
     *
     * @return bool
     */
    public function write(string $id, string $data)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * As {@see \Seshat\Handler::gc()}.
     *
     * @return int|bool
     */
    public function gc(int $max_lifetime)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * As {@see \Seshat\Handler::validateId()}.
     *
     * @return bool
     */
    public function validateId(string $id)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * As {@see \Seshat\Handler::updateTimestamp()}.
     *
     * @return bool
     */
    public function updateTimestamp(string $id, string $data)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * As {@see \Phalcon\Session\Adapter::__get()}.
     *
     * @return mixed
     */
    public function __get(string $index)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * As {@see \Phalcon\Session\Adapter::__set()}.
     *
     * @return void
     */
    public function __set(string $index, $value)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * As {@see \Phalcon\Session\Adapter::__isset()}.
     *
     * @return bool
     */
    public function __isset(string $index)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * As {@see \Phalcon\Session\Adapter::__unset()}.
     *
     * @return void
     */
    public function __unset(string $index)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }
}
