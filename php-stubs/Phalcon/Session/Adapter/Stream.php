<?php

namespace Phalcon\Session\Adapter;

/**
 * One file per session: `<savePath>/<prefix><id>`, holding the session as PHP encodes it. Files of Phalcon 4 and 5 are
 * read, and what is written here they read.
 *
 * Other than there, a session is locked from read to close, a file is replaced in one step and has mode 0600, symbolic
 * links are not followed, and gc removes only files whose name is the prefix and a session id. docs/locking.md and
 * the files store's own page have the rest. `open()`'s arguments are ignored: the constructor says where files are.
 *
 * The methods behave as those of {@see \Seshat\Handler}; what they throw when your own code calls them is
 * `Phalcon\Session\Exception`. Here `read()` and `gc()` too may answer false to PHP's session functions when the
 * store failed.
 */
class Stream extends \Phalcon\Session\Adapter\Noop
{
    /**
     * Connects to nothing, but looks whether the folder is there and writable, as Phalcon does.
     *
     * - `savePath`: the folder. Default: `session.save_path`, taken as a plain path; PHP's form `depth;mode;/path`
     *   is not understood here, as in Phalcon (`Seshat\Handler` does).
     * - `prefix`: what a file's name begins with. Default: none. `sess_` makes the names those of PHP's own handler.
     * - `locking`, `lock_wait`, `lock_expire`, `on_lock_timeout`, `lifetime`, `store_empty`: as for {@see \Seshat\Handler}.
     * - `uniqueId`: for `get()` and `set()` of this object; the manager has one of its own.
     *
     * An option that nobody knows is a warning with the nearest known name.
     *
     * @param array{
     *     savePath?: string,
     *     prefix?: string,
     *     uniqueId?: string,
     *     locking?: bool|int|string,
     *     lock_wait?: int|float|string,
     *     lock_expire?: int|float|string,
     *     on_lock_timeout?: 'fail'|'readonly',
     *     lifetime?: int|float|string,
     *     store_empty?: bool|int|string,
     *     ...
     * } $options
     *
     * @throws Exceptions\InvalidSavePath when there is no path, or it is no string
     * @throws Exceptions\SavePathUnavailable when the folder is missing or not writable
     * @throws \Phalcon\Session\Exception when another option's value makes no sense
     */
    public function __construct(array $options = [])
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
    public function open(string $path, string $name)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /** As {@see \Seshat\Handler::close()}. */
    public function close()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * As {@see \Seshat\Handler::read()}.
     *
     * @param string $id
     *
     * @return string "" when there is no such session
     */
    public function read(string $id)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * As {@see \Seshat\Handler::write()}.
     *
     * @param string $id
     * @param string $data
     */
    public function write(string $id, string $data)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * In two parts: a session's and a save handler's.
     *
     * - `destroy()` or `destroy(null)`, `destroy(true)`, `destroy(false)`: ends the session, as {@see \Phalcon\Session\Adapter::destroy()}. A session that was closed before is deleted.
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
     * As {@see \Seshat\Handler::gc()}. With an empty prefix only files whose name could be a session id count.
     *
     * @return int|bool how many files were removed; Phalcon answers 1 or true
     */
    public function gc(int $max_lifetime)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /** As {@see \Seshat\Handler::validateId()}. */
    public function validateId(string $id)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * As {@see \Seshat\Handler::updateTimestamp()}: sets the file's date. Phalcon leaves an empty file behind when the session
     * is gone; here it is stored again.
     */
    public function updateTimestamp(string $id, string $data)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }
}
