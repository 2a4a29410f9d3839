<?php

namespace Phalcon\Storage\Serializer;

/**
 * The value as it is. A Redis server keeps strings and numbers alone.
 */
class None extends \Phalcon\Storage\Serializer\AbstractSerializer
{
    /**
     * The value that was set.
     *
     * @return mixed
     */
    public function serialize()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Takes a value; it is then in {@see getData()}.
     *
     * @param mixed $data
     *
     * @return void
     */
    public function unserialize($data)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }
}
