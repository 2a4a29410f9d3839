<?php

namespace Phalcon\Collection;

/**
 * What {@see \Phalcon\Collection} can do. Also known as `Phalcon\Support\Collection\CollectionInterface`.
 *
 * No method has a return type, so that classes written for any version of Phalcon implement it.
 */
interface CollectionInterface
{
    /** @return mixed */
    public function __get(string $element);

    /** @return bool */
    public function __isset(string $element);

    /**
     * @param mixed $value
     *
     * @return void
     */
    public function __set(string $element, $value);

    /** @return void */
    public function __unset(string $element);

    /**
     * Removes all elements.
     *
     * @return void
     */
    public function clear();

    /**
     * @param mixed $defaultValue
     *
     * @return mixed
     */
    public function get(string $element, $defaultValue = null, ?string $cast = null);

    /** @return list<int|string> */
    public function getKeys(bool $insensitive = true);

    /** @return list<mixed> */
    public function getValues();

    /** @return bool */
    public function has(string $element);

    /**
     * @param array<array-key, mixed> $data
     *
     * @return void
     */
    public function init(array $data = []);

    /** @return void */
    public function remove(string $element);

    /**
     * @param mixed $value
     *
     * @return void
     */
    public function set(string $element, $value);

    /** @return array<array-key, mixed> */
    public function toArray();

    /**
     * @param int $options `JSON_*` flags
     *
     * @return string
     */
    public function toJson(int $options = 79);
}
