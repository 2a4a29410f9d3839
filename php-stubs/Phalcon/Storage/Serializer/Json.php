<?php

namespace Phalcon\Storage\Serializer;

/**
 * JSON, as `json_encode()` writes it. JSON's objects come back as `stdClass`.
 */
class Json extends \Phalcon\Storage\Serializer\AbstractSerializer
{
    /**
     * The value as JSON; null, booleans and numbers as they are. Numeric strings are quoted, other than in Phalcon: there "007" cannot be
     * read back.
     *
     * @return mixed
     *
     * @throws Exceptions\InvalidSerializationInput for an object that is no `JsonSerializable`, as up to Phalcon 5.11 (its class would be lost
     *     without a word), and for what JSON cannot hold
     */
    public function serialize()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Takes JSON; the value is then in {@see getData()}. What is no string is the value.
     *
     * @param mixed $data
     *
     * @return void
     *
     * @throws Exceptions\InvalidUnserializationInput for what is no JSON; {@see isSuccess()} is false then
     */
    public function unserialize($data)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }
}
