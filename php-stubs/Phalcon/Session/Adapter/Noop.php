<?php

namespace Phalcon\Session\Adapter;

/**
 * Keeps nothing: each request begins with an empty session. For tests and command lines.
 *
 * The protected properties are Phalcon 4's, for subclasses that use them; Phalcon 5.14 moved them to {@see Stream}.
 */
class Noop implements \SessionHandlerInterface, \SessionUpdateTimestampHandlerInterface
{
    /** @var mixed never used here */
    protected $connection = null;

    /** @var array<string, mixed> what the constructor was given */
    protected $options = [];

    /** @var string the option `prefix` */
    protected $prefix = '';

    /** @var int never used here */
    protected $ttl = 8600;

    /** @param array{prefix?: string, ...} $options kept; only `prefix` is looked at, by {@see getPrefixedName()} */
    public function __construct(array $options = [])
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * @param string $path
     * @param string $name
     *
     * @return bool true
     */
    public function open(string $path, string $name): bool
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /** @return bool true */
    public function close(): bool
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * @param string $id
     *
     * @return string ""
     */
    public function read(string $id): string
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * @param string $id
     * @param string $data
     *
     * @return bool true, though nothing was stored
     */
    public function write(string $id, string $data): bool
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * @param string $id
     *
     * @return bool true
     */
    public function destroy(string $id): bool
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /** @return int|bool 1 */
    #[\ReturnTypeWillChange]
    public function gc(int $max_lifetime): int|bool
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /** @return bool true: any id will do, so `session.use_strict_mode` changes nothing */
    public function validateId(string $id): bool
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /** @return bool true */
    public function updateTimestamp(string $id, string $data): bool
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * The prefix and the name.
     *
     * @param string $name
     */
    protected function getPrefixedName($name): string
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }
}
