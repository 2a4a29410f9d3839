<?php

namespace Phalcon;

/**
 * An array as an object: elements by method, as properties and as array entries, under names whose case does not matter.
 *
 *     $collection = new Phalcon\Collection(['Name' => 'Ada']);
 *     echo $collection->get('name'), $collection->NAME, $collection['name'];   // AdaAdaAda
 *
 * Also known as `Phalcon\Support\Collection`, its name in Phalcon 5. Results are those of Phalcon 4.1, with the methods
 * that 5.13 added; where the two differ, the method says which one is followed.
 *
 * - A name keeps the case in which it was set last, and its place with it: setting `foo` after `Foo` leaves `foo`
 *   alone, at the end, as since Phalcon 5.15. ASCII letters fold as everywhere; other UTF-8 letters fold as Unicode
 *   says.
 * - Names that are whole numbers become array keys of that kind, as always in PHP.
 * - `__get()`, `offsetGet()` and the others of their kind call `get()`, `set()`, `has()` and `remove()`, the
 *   constructor calls `init()`, and what stores calls `setData()`: a child that overrides those is obeyed everywhere.
 * - No method has a return type, so that children written for any version compile, with return types or without.
 * - Values come as copies: `$collection->list[] = 1` raises PHP's notice about indirect modification and changes nothing.
 *
 * The second and third parameter of {@see __construct()} may be set by a child that declares `$insensitive` or
 * `$strictNull` anew. A child that does not call `parent::__construct()` has an empty collection with the defaults.
 */
class Collection implements
    \ArrayAccess,
    \Countable,
    \IteratorAggregate,
    \JsonSerializable,
    \Phalcon\Collection\CollectionInterface
{
    /**
     * @var array<array-key, mixed> the elements; always empty in a {@see \Phalcon\Session\Bag}, whose elements are in
     *     the session
     */
    protected $data = [];

    /** @var bool whether names in another case are the same */
    protected $insensitive = true;

    /** @var array<string, string> for names in lower case the names in use; may hold some that are gone */
    protected $lowerKeys = [];

    /** @var bool whether {@see get()} returns a stored null rather than the default */
    protected $strictNull = true;

    /** @var string|null see {@see getType()} */
    protected $type = null;

    /**
     * @param array<array-key, mixed> $data the first elements, for {@see init()}
     * @param bool $insensitive whether names in another case are the same
     * @param bool $strictNull true: a stored null is a value, as in Phalcon 4. False: {@see get()} returns the default
     *     in its place, as Phalcon 5 does
     * @param string|null $type allow values of this type alone: `array`, `bool`, `callable`, `float`, `int`, `null`,
     *     `object`, `string`, or the name of a class or interface
     *
     * @throws \Phalcon\Support\Collection\Exceptions\InvalidValueType for a value of another type
     */
    public function __construct(array $data = [], bool $insensitive = true, bool $strictNull = true, ?string $type = null)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * `$collection->name`: the same as {@see get()} without a default.
     *
     * @return mixed
     */
    public function __get(string $element)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * `isset($collection->name)`: the same as {@see has()}, also for a stored null.
     *
     * @return bool
     */
    public function __isset(string $element)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /** For PHP's `serialize()`: the elements with the settings, in the form of Phalcon 5.13. */
    public function __serialize(): array
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * `$collection->name = $value`: the same as {@see set()}.
     *
     * @param mixed $value
     *
     * @return void
     */
    public function __set(string $element, $value)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Takes what {@see __serialize()} makes, and the elements alone, as Phalcon 5.0 to 5.12 made them.
     *
     * @param array<array-key, mixed> $data
     */
    public function __unserialize(array $data): void
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * `unset($collection->name)`: the same as {@see remove()}.
     *
     * @return void
     */
    public function __unset(string $element)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Removes all elements.
     *
     * @return void
     */
    public function clear()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * What each element has under a name: the result of its method, its public property, or its array entry; null if it
     * has nothing.
     *
     * @return array<array-key, mixed> by the elements' keys
     */
    public function column(string $propertyOrMethod)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * How many elements there are.
     *
     * @return int
     */
    #[\ReturnTypeWillChange]
    public function count()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Calls `$callback($value, $key)` for each element, whatever it returns. It goes through the elements as they are now.
     *
     * @return $this
     */
    public function each(callable $callback)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * A collection of the elements for which `$callback($value, $key)` is true, with their keys.
     *
     * It is a clone of this one with other elements: the constructor is not called. From a bag it is a plain collection.
     *
     * @return static
     */
    public function filter(callable $callback)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * The first value; null if there is none.
     *
     * @return mixed
     */
    public function first()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * The value of an element, or the default if it is not there. For a stored null see the constructor's `$strictNull`.
     *
     * @param mixed $defaultValue not cast
     * @param string|null $cast convert the value as `settype()` does: `int`, `float`, `bool`, `string`, `array`, `object`,
     *     `null`. An object with a method `toArray()` becomes an array by it
     *
     * @return mixed
     *
     * @throws \ValueError if there is no such type
     */
    public function get(string $element, $defaultValue = null, ?string $cast = null)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * `foreach ($collection as $name => $value)`: the elements as they are now, with the names in the case in which
     * they were set.
     *
     * @return \ArrayIterator<array-key, mixed>
     */
    #[\ReturnTypeWillChange]
    public function getIterator()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * The names: in lower case, or, with false, as they were set. Those of a collection whose names differ by case are
     * always as they were set.
     *
     * @return list<int|string>
     */
    public function getKeys(bool $insensitive = true)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * The type that all values have, or null if any may be stored.
     *
     * @return string|null
     */
    public function getType()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /** @return list<mixed> */
    public function getValues()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Whether the element is there; a stored null is.
     *
     * @return bool
     */
    public function has(string $element)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Sets all elements of an array. Others stay.
     *
     * @param array<array-key, mixed> $data
     *
     * @return void
     *
     * @throws \Phalcon\Support\Collection\Exceptions\InvalidValueType for a value of another type; nothing is set then
     */
    public function init(array $data = [])
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /** @return bool */
    public function isEmpty()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * For `json_encode()`: the elements, objects with a method `jsonSerialize()` replaced by what that returns.
     *
     * @return array<array-key, mixed>
     */
    #[\ReturnTypeWillChange]
    public function jsonSerialize()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * The same as {@see getKeys()}.
     *
     * @return list<int|string>
     */
    public function keys(bool $insensitive = true)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * The last value; null if there is none.
     *
     * @return mixed
     */
    public function last()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * A collection of what `$callback($value, $key)` returns for each element, with the keys. As to its class see
     * {@see filter()}.
     *
     * The type of this collection is kept but not demanded of the new values.
     *
     * @return static
     */
    public function map(callable $callback)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * `isset($collection['name'])`: the same as {@see has()}.
     *
     * @param mixed $element
     *
     * @return bool
     */
    #[\ReturnTypeWillChange]
    public function offsetExists($element)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * `$collection['name']`: the same as {@see get()} without a default.
     *
     * @param mixed $element
     *
     * @return mixed
     */
    #[\ReturnTypeWillChange]
    public function offsetGet($element)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * `$collection['name'] = $value`: the same as {@see set()}. `$collection[] = $value` has the name "", as in Phalcon.
     *
     * @param mixed $element
     * @param mixed $value
     *
     * @return void
     */
    #[\ReturnTypeWillChange]
    public function offsetSet($element, $value)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * `unset($collection['name'])`: the same as {@see remove()}.
     *
     * @param mixed $element
     *
     * @return void
     */
    #[\ReturnTypeWillChange]
    public function offsetUnset($element)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * The last result of `$callback($result, $value, $key)`, called for each element; the initial value if there is none.
     *
     * @param mixed $initial
     *
     * @return mixed
     */
    public function reduce(callable $callback, $initial = null)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Removes an element, if it is there.
     *
     * @return void
     */
    public function remove(string $element)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Sets the elements of an array in the place of all others.
     *
     * @param array<array-key, mixed> $data
     *
     * @return void
     */
    public function replace(array $data)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * The elements in PHP's form: `serialize($collection->toArray())`, as in Phalcon 4.
     *
     * @return string
     */
    public function serialize()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Sets an element. What is there under the name in another case is replaced.
     *
     * @param mixed $value
     *
     * @return void
     *
     * @throws \Phalcon\Support\Collection\Exceptions\InvalidValueType for a value of another type
     */
    public function set(string $element, $value)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * A collection of the same elements in order, with their keys: as `uasort()` with a callback, else as `asort()`, or
     * with `SORT_DESC` as `arsort()`. As to its class see {@see filter()}.
     *
     * @return static
     */
    public function sort(?callable $callback = null, int $order = SORT_ASC)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /** @return array<array-key, mixed> the elements, with the names in the case in which they were set */
    public function toArray()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * The elements as JSON.
     *
     * @param int $options `JSON_*` flags. 79 is `JSON_HEX_TAG | JSON_HEX_AMP | JSON_HEX_APOS | JSON_HEX_QUOT |
     *     JSON_UNESCAPED_SLASHES`
     *
     * @return string
     *
     * @throws \InvalidArgumentException for what cannot be JSON; a `JsonException` with `JSON_THROW_ON_ERROR`, which
     *     Phalcon 5 passes
     */
    public function toJson(int $options = 79)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Sets the elements that {@see serialize()} gave. Others stay. The text comes from your own storage, never from a
     * client: PHP's `unserialize()` makes objects of it.
     *
     * @param string $serialized
     *
     * @return void
     */
    public function unserialize($serialized)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * The same as {@see getValues()}.
     *
     * @return list<mixed>
     */
    public function values()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * A collection of the elements that have a value, strictly this one, under a name; see {@see column()} and, as to
     * its class, {@see filter()}.
     *
     * @param mixed $value
     *
     * @return static
     */
    public function where(string $propertyOrMethod, $value)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Stores one element. {@see set()} and {@see init()} call it: a child that overrides it sees all that is stored.
     *
     * @param mixed $value
     *
     * @return void
     */
    protected function setData(string $element, $value)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }
}
