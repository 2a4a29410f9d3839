<?php

namespace Phalcon\Session;

/**
 * A group of values in the session, as an object: one entry of `$_SESSION` that is an array.
 *
 *     $user = new Phalcon\Session\Bag('user');
 *     $user->name = 'Ada';                        // $_SESSION['user'] = ['name' => 'Ada']
 *
 * A bag holds no values of its own. Each call looks into the session, so that it sees a session that was closed and
 * started again, destroyed or changed from outside, and all bags of one name are one. In Phalcon a bag keeps what it
 * read first, and its next change overwrites what others did.
 *
 * It finds its session when it needs it first, in this order, and stays with it:
 *
 * 1. the one that the constructor was given;
 * 2. the service `session` of the container that {@see setDI()} was given, then of Phalcon's default container
 *    (`Phalcon\Di::getDefault()`, `Phalcon\Di\Di::getDefault()`), if such a class is loaded: `getShared('session')`, or
 *    `get('session')` of a PSR-11 container. A container whose `has('session')` is false is passed over;
 * 3. the {@see Manager} that was started last in this request. It is not kept alive for that.
 *
 * The session is any object with `get($name)`, `set($name, array $values)` and `remove($name)`. With a {@see Manager}
 * whose `get()`, `set()` and `remove()` are not overridden the bag reaches into `$_SESSION` itself, past those methods:
 * that costs no copy, however many values there are. While no session is active a manager has nothing: the bag is
 * empty, and what is set is lost, silently, as in Phalcon.
 *
 * It has the methods of Phalcon 3 ({@see initialize()}, {@see destroy()}, a {@see remove()} that answers) and of
 * Phalcon 4 and 5 (those of {@see \Phalcon\Collection}). {@see init()} stores what it merges, as in Phalcon 5;
 * {@see has()} is true for a stored null, as in 4 and 5; {@see filter()}, {@see map()} and the like return a plain
 * collection.
 *
 * `serialize($bag)` keeps the name alone. `clone` makes another bag of the same name.
 */
class Bag extends \Phalcon\Collection implements \Phalcon\Session\BagInterface
{
    /** @var object|null see {@see setDI()} */
    private $container = null;

    /** @var string|null */
    private $name = null;

    /** @var object|null the session, once it was found */
    private $session = null;

    /**
     * In the ways of all versions:
     *
     *     new Bag('user');                 // Phalcon 3 and 4
     *     new Bag('user', $container);     // the same, and setDI($container)
     *     new Bag($manager, 'user');       // Phalcon 5
     *     new Bag(name: 'user');
     *
     * Nothing is read or written yet. Phalcon 5 stores an empty array at once; here the entry comes with the first value.
     *
     * @param object|string|null $session the session, or the name
     * @param object|string|null $name the name, or a container
     *
     * @throws \TypeError for anything else, and without a name
     */
    public function __construct(object|string|null $session = null, object|string|null $name = null)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /** For `var_dump()`: the name, and the values if the session was found already. */
    public function __debugInfo(): array
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /** For PHP's `serialize()`: the name alone. The values stay in the session. */
    public function __serialize(): array
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Takes what {@see __serialize()} made; the session is found again when it is needed.
     *
     * @param array{name?: string} $data
     */
    public function __unserialize(array $data): void
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Removes the bag with all its values from the session. Phalcon 3's name of {@see clear()}.
     *
     * @return void
     */
    public function destroy()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * The container that was set, else that of the session, if it was found already and has one; or null.
     *
     * @return object|null
     */
    public function getDI()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Finds the session now. Never needed; it is here for code that was written for Phalcon 3.
     *
     * @return void
     *
     * @throws \Phalcon\Session\Exception if there is none
     */
    public function initialize()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Removes an element.
     *
     * @return bool whether it was there, as in Phalcon 3
     */
    public function remove(string $element)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Sets the container in which the session is looked for. A session that was found already stays.
     *
     * Any object serves. Children may declare the parameter with a type of their own, such as `Phalcon\Di\DiInterface`.
     *
     * @return void
     */
    public function setDI(object $container)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }
}
