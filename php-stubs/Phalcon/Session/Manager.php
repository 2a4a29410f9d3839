<?php

namespace Phalcon\Session;

/**
 * The session as an object, over PHP's own `$_SESSION`: code with and without the manager sees the same values.
 *
 *     $manager = new Phalcon\Session\Manager();
 *     $manager->setAdapter(new Phalcon\Session\Adapter\Stream(['savePath' => '/var/lib/app/sessions']));
 *     $manager->start();
 *     $manager->set('name', 'Ada');
 *
 * It holds no values itself, so any number of managers may share one session, each with a `uniqueId` of its own.
 * A subclass works without calling `parent::__construct()`.
 *
 * Names, signatures and results are those of Phalcon 4.1; where Phalcon 5 repaired something, Phalcon 5.15 is followed, and
 * the method says so. `$manager->name` and its like call `get()`, `set()`, `has()` and `remove()` as a child overrides
 * them. Unlike Phalcon 4 it does not extend `Phalcon\Di\AbstractInjectionAware`; {@see getDI()} and {@see setDI()} are
 * here all the same. It cannot be used before PHP's session extension is there.
 */
class Manager implements \Phalcon\Session\ManagerInterface
{
    /** @var object|null see {@see setDI()} */
    protected $container = null;

    /** @var \SessionHandlerInterface|null see {@see setAdapter()} */
    private $adapter = null;

    /** @var string see {@see setName()}; "" until one is set or asked for */
    private $name = '';

    /** @var array<string, mixed> see {@see setOptions()} */
    private $options = [];

    /** @var string see {@see setOptions()} */
    private $uniqueId = '';

    /** @param array{uniqueId?: string, ...} $options as for {@see setOptions()}. An id is no argument: see {@see setId()}. */
    public function __construct(array $options = [])
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * The value of a key, or the default when the key is not there. A stored null is there and is returned.
     *
     * While no session is active this is **null, not the default**: Phalcon 4 and 5 both do so, and code relies on it.
     *
     * Values come as copies: `$manager->get('cart')[] = 1` changes nothing.
     *
     * @param string $key see {@see setOptions()} for the prefix of a `uniqueId`
     * @param mixed $defaultValue for a key that is not there
     * @param bool $remove take the entry out of the session
     *
     * @return mixed
     */
    public function get(string $key, $defaultValue = null, bool $remove = false)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Sets a value in `$_SESSION`. Without an active session this does nothing, silently, as in Phalcon.
     *
     * @param string $key see {@see setOptions()} for the prefix of a `uniqueId`
     * @param mixed $value anything that PHP can serialize
     *
     * @return void
     */
    public function set(string $key, $value): void
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /** Whether the key is there, in the sense of `isset()`: a stored null is not. False while no session is active. */
    public function has(string $key): bool
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Removes a key, if it is there and a session is active.
     *
     * @return void
     */
    public function remove(string $key): void
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * `$manager->name`: the same as {@see get()} without a default.
     *
     * Returns a copy: `$manager->list[] = 1` raises PHP's notice about indirect modification and changes nothing.
     *
     * @return mixed
     */
    public function __get(string $key)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * `$manager->name = $value`: the same as {@see set()}.
     *
     * @param mixed $value
     *
     * @return void
     */
    public function __set(string $key, $value): void
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /** `isset($manager->name)`: the same as {@see has()}. */
    public function __isset(string $key): bool
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * `unset($manager->name)`: the same as {@see remove()}.
     *
     * @return void
     */
    public function __unset(string $key): void
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /** Whether a session is active, whoever started it: this asks PHP, not the manager. */
    public function exists(): bool
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * PHP's session status.
     *
     * @return int one of the interface's constants: `SESSION_DISABLED` 0, `SESSION_NONE` 1, `SESSION_ACTIVE` 2
     */
    public function status(): int
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Starts the session: registers the adapter with `session_set_save_handler()`, then `session_start()`.
     *
     * In this order, as in Phalcon 5.15: an active session is a success at once; when headers were sent already the answer is
     * false; a cookie that cannot be a session id (anything but `a-z A-Z 0-9 , -`) is dropped from `$_COOKIE`, so that PHP
     * makes a new id; then the adapter is looked at.
     *
     * Does not call {@see setName()}'s or {@see setId()}'s PHP functions again: they took effect when you called them.
     *
     * @return bool false when headers were sent, or when `session_start()` failed: PHP's warnings have said why
     *
     * @throws Exceptions\InvalidSessionAdapter without an adapter
     */
    public function start(): bool
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Ends the active session: `session_destroy()`, and `$_SESSION` is emptied, entries of other managers with another
     * `uniqueId` included. Without an active session nothing happens.
     *
     * The cookie stays in the browser, as with `session_destroy()`.
     *
     * @return void
     */
    public function destroy(): void
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Gives the active session a new id: `session_regenerate_id()`. Call it when a visitor's rights change. Without an
     * active session nothing happens.
     *
     * @param bool $deleteOldSession whether the session under the old id is destroyed
     *
     * @return ManagerInterface the manager itself
     */
    public function regenerateId(bool $deleteOldSession = true): \Phalcon\Session\ManagerInterface
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /** The session's id; "" before there is one. */
    public function getId(): string
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Chooses the id of the session that will be started. The id is checked as in Phalcon 5.15, earlier versions took any text.
     *
     * With `session.use_strict_mode` PHP replaces an id that the store does not know.
     *
     * @param string $id one or more of `a-z A-Z 0-9 , -`
     *
     * @return ManagerInterface the manager itself
     *
     * @throws Exceptions\SessionAlreadyStarted while a session is active
     * @throws Exceptions\InvalidSessionId for any other text
     */
    public function setId(string $id): \Phalcon\Session\ManagerInterface
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * The session's name: the one that was set, else PHP's `session_name()`, which is kept from then on.
     *
     * Phalcon 4 has this the wrong way round; this is Phalcon 5's answer.
     */
    public function getName(): string
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Names the session, and so its cookie: `session_name()`.
     *
     * @param string $name letters and digits of any script, `_` and `-`; not digits alone, which PHP would ignore
     *
     * @return ManagerInterface the manager itself
     *
     * @throws Exceptions\SessionModificationDenied while a session is active
     * @throws Exceptions\InvalidSessionName for any other text
     */
    public function setName(string $name): \Phalcon\Session\ManagerInterface
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /** The adapter, or null when none was set. */
    public function getAdapter(): ?\SessionHandlerInterface
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Says where sessions are kept. Any `SessionHandlerInterface` serves: an adapter of this family, `Seshat\Handler`, your own.
     *
     * After {@see start()} it takes effect only when a session is started the next time.
     *
     * @return ManagerInterface the manager itself
     */
    public function setAdapter(\SessionHandlerInterface $adapter): \Phalcon\Session\ManagerInterface
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * The options exactly as they were given last.
     *
     * @return array<string, mixed>
     */
    public function getOptions(): array
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Replaces all options. Only `uniqueId` has a meaning here: a prefix that keeps applications which share one session
     * apart. With `['uniqueId' => 'shop']` the key `cart` is `$_SESSION['shop#cart']`. Leaving it out takes the prefix away;
     * "" and "0" are none, as in Phalcon.
     *
     * @param array{uniqueId?: string, ...} $options other keys are kept and not looked at
     *
     * @return void
     */
    public function setOptions(array $options): void
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * The container that was set, or null.
     *
     * @return object|null
     */
    public function getDI()
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Keeps a container for your subclasses and for bags; the manager itself never asks it for anything.
     *
     * Any object serves. A child may declare the parameter with a type of its own, such as `Phalcon\Di\DiInterface`,
     * which PHP would refuse under this declaration; the extension exempts the method from that check. The price is
     * that `ReflectionMethod::isConstructor()` is true for it.
     *
     * @return void
     */
    public function setDI(object $container)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /** `headers_sent()`, as a method that tests override (as in Phalcon 5). */
    protected function phpHeadersSent(): bool
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }
}
