<?php

namespace Phalcon\Session;

/**
 * What is a session, in the words of Phalcon 3. Implement it for a session of your own; `setId()` and `status()` are not in it,
 * as there. {@see Adapter} says what each method does.
 *
 * No method has a return type here, since classes written for Phalcon 3 have none.
 */
interface AdapterInterface
{
    /** @return bool whether this call started the session */
    public function start();

    /**
     * @param array<string, mixed> $options
     *
     * @return void
     */
    public function setOptions(array $options);

    /** @return array<string, mixed> */
    public function getOptions();

    /**
     * @param mixed $defaultValue
     *
     * @return mixed
     */
    public function get(string $index, $defaultValue = null);

    /**
     * @param mixed $value
     *
     * @return void
     */
    public function set(string $index, $value);

    /** @return bool */
    public function has(string $index);

    /** @return void */
    public function remove(string $index);

    /** @return string */
    public function getId();

    /** @return bool */
    public function isStarted();

    /**
     * @param bool|null $removeData whether this session's entries of `$_SESSION` are removed, too
     *
     * @return bool
     */
    public function destroy($removeData = null);

    /** @return AdapterInterface */
    public function regenerateId(bool $deleteOldSession = true);

    /** @return void */
    public function setName(string $name);

    /** @return string */
    public function getName();
}
