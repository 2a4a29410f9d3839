<?php

namespace Phalcon\Storage\Serializer;

/**
 * The base of the serializers.
 */
abstract class AbstractSerializer implements \Phalcon\Storage\Serializer\SerializerInterface
{
    /** @var mixed the value */
    protected $data = null;

    /** @var bool whether the last `unserialize()` could read what it was given */
    protected $isSuccess = true;

    /**
     * @param mixed $data the value to serialize, if it is known already
     */
    public function __construct($data = null)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * For PHP's own `serialize()` of this object: the value if it is an array, else nothing, as in Phalcon 5.
     *
     * @return array<mixed>
     */
    public function __serialize()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * The other way.
     *
     * @param array<mixed> $data
     *
     * @return void
     */
    public function __unserialize(array $data)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * The value that was set or unserialized last.
     *
     * @return mixed
     */
    public function getData()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Whether the last `unserialize()` could read what it was given.
     *
     * @return bool
     */
    public function isSuccess()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Keeps a value, to be serialized.
     *
     * @param mixed $data
     *
     * @return void
     */
    public function setData($data)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Whether a value is serialized at all: not null, no boolean, no number and no numeric string.
     *
     * @param mixed $data
     *
     * @return bool
     */
    protected function isSerializable($data)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }
}
