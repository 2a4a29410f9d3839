<?php

namespace Phalcon\Storage\Adapter;

/**
 * One file for each key, laid out and filled as Phalcon's Stream adapter does it, so that both can use one folder.
 *
 * The file of a key is `<storageDir>/<prefix>/ab/cd/<key>`, with folders made of the key without its extension and its last two
 * characters (`.` becomes `-`). It holds `serialize(['created' => TIME, 'ttl' => SECONDS or 'forever', 'content' => VALUE])`. Characters
 * are those of UTF-8, as in Phalcon 5; Phalcon 4 cuts bytes, which differs for keys that are not ASCII.
 *
 * A file is replaced as a whole, so that no reader sees half of one; symbolic links below `storageDir` are not followed. Permissions
 * are what the umask leaves of 0666 and 0777, as in Phalcon. A key that is empty, `.`, `..`, or has a slash or a NUL byte in it cannot be
 * stored: `set()` throws, the others find nothing. What cannot be read or written for another reason is a
 * {@see \Phalcon\Storage\Exceptions\StorageError}.
 */
class Stream extends \Phalcon\Storage\Adapter\AbstractAdapter
{
    /** @var string the folder, with a slash at its end */
    protected $storageDir = '';

    /** @var string what stored keys begin with; the option `prefix` */
    protected $prefix = 'ph-strm';

    /**
     * Options: `storageDir`, and those of {@see AbstractAdapter}. The folder is made with the first value.
     *
     * @param array<string, mixed> $options
     *
     * @throws \Phalcon\Storage\Exceptions\InvalidConfiguration without a `storageDir`, for one outside of `open_basedir`, and for options that
     *     make no sense
     */
    public function __construct(\Phalcon\Storage\SerializerFactory $factory, array $options = [])
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Removes all files in the folder of the prefix. Folders stay. With an empty prefix that is everything in `storageDir`.
     *
     * @return bool true
     */
    public function clear()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * The keys that are stored, each with the adapter's prefix before it, in the order of their bytes; expired ones too, as long as their
     * file is there.
     *
     * @param string $prefix only keys that go on with this
     *
     * @return list<string>
     */
    public function getKeys(string $prefix = '')
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Stores a value without an end.
     *
     * @param mixed $value
     *
     * @return bool
     */
    public function setForever(string $key, $value)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * As {@see doIncrement()}.
     *
     * @return int|bool
     */
    protected function doDecrement(string $key, int $value = 1)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Does what `delete()` is asked for. The file of an expired value goes too.
     *
     * @return bool
     */
    protected function doDelete(string $key)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Does what `get()` is asked for.
     *
     * @return mixed the value, unserialized
     */
    protected function doGet(string $key, $defaultValue = null)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Does what `has()` is asked for.
     *
     * @return bool
     */
    protected function doHas(string $key)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Does what `increment()` is asked for: reads, adds, and stores for the option `lifetime`. Two workers that do so at once may count as
     * one, as in Phalcon.
     *
     * @return int|bool false if there is no such key, or the sum would be too large
     */
    protected function doIncrement(string $key, int $value = 1)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Does what `set()` is asked for.
     *
     * @return bool
     */
    protected function doSet(string $key, $value, $ttl = null)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }
}
