<?php

namespace Phalcon\Storage\Serializer;

/**
 * The format of PHP's extension msgpack, which must be loaded.
 */
class Msgpack extends \Phalcon\Storage\Serializer\AbstractSerializer
{
    /**
     * @param mixed $data the value to serialize, if it is known already
     *
     * @throws \Phalcon\Storage\Exception when PHP's extension of that name is not loaded
     */
    public function __construct($data = null)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * What is stored for the value that was set.
     *
     * Null, booleans, numbers and numeric strings are returned as they are, so that a stored number can be counted up. That is Phalcon
     * 5's rule; Phalcon 4 left empty strings and empty arrays alone as well, which then both came back as null.
     *
     * @return mixed
     */
    public function serialize()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Takes what is stored; the value is then in {@see getData()}.
     *
     * What is null, a boolean, a number or a numeric string is the value. Bytes that cannot be read are null, and {@see
     * AbstractSerializer::isSuccess()} says so; PHP's own notice about them is kept back.
     *
     * @param mixed $data
     *
     * @return void
     *
     * @throws Exceptions\InvalidUnserializationInput for arrays and objects
     */
    public function unserialize($data)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }
}
