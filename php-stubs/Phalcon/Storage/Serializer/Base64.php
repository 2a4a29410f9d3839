<?php

namespace Phalcon\Storage\Serializer;

/**
 * Base64, for strings alone.
 */
class Base64 extends \Phalcon\Storage\Serializer\AbstractSerializer
{
    /**
     * @return string
     *
     * @throws Exceptions\InvalidSerializationInput for what is no string
     */
    public function serialize()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Takes Base64; the string is then in {@see getData()}. What is not Base64 is the empty string, and {@see isSuccess()} says so.
     *
     * @param mixed $data
     *
     * @return void
     *
     * @throws Exceptions\InvalidUnserializationInput for what is no string
     */
    public function unserialize($data)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }
}
