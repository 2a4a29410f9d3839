<?php

namespace Phalcon\Storage\Serializer;

/**
 * Turns values into what a storage keeps, and back.
 *
 * Phalcon 4's extended PHP's `Serializable`, which PHP has declared obsolete since. There are no return types, so that classes of
 * any of Phalcon's versions compile.
 */
interface SerializerInterface
{
    /**
     * The value that was set or unserialized last.
     *
     * @return mixed
     */
    public function getData();

    /**
     * What is stored for the value that was set.
     *
     * Null, booleans, numbers and numeric strings are returned as they are, so that a stored number can be counted up. That is Phalcon
     * 5's rule; Phalcon 4 left empty strings and empty arrays alone as well, which then both came back as null.
     *
     * @return mixed
     */
    public function serialize();

    /**
     * Keeps a value, to be serialized.
     *
     * @param mixed $data
     *
     * @return void
     */
    public function setData($data);

    /**
     * Takes what is stored; the value is then in {@see getData()}.
     *
     * What is null, a boolean, a number or a numeric string is the value. Bytes that cannot be read are null, and {@see
     * AbstractSerializer::isSuccess()} says so; PHP's own notice about them is kept back.
     *
     * @param mixed $data
     *
     * @return void
     */
    public function unserialize($data);
}
