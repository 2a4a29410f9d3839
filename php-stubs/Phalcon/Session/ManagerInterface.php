<?php

namespace Phalcon\Session;

/**
 * The session as an object. {@see Manager} is what implements it here; the comments are of that class.
 *
 * As in Phalcon 4 and 5. The constructor, `getDI()` and `setDI()` are no part of it.
 */
interface ManagerInterface
{
    /** A session is active: `PHP_SESSION_ACTIVE`. */
    public const SESSION_ACTIVE = 2;

    /** Sessions are possible and none is active: `PHP_SESSION_NONE`. */
    public const SESSION_NONE = 1;

    /** Sessions are disabled: `PHP_SESSION_DISABLED`. */
    public const SESSION_DISABLED = 0;

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
    public function get(string $key, $defaultValue = null, bool $remove = false);

    /**
     * Sets a value in `$_SESSION`. Without an active session this does nothing, silently, as in Phalcon.
     *
     * @param string $key see {@see setOptions()} for the prefix of a `uniqueId`
     * @param mixed $value anything that PHP can serialize
     *
     * @return void
     */
    public function set(string $key, $value): void;

    /** Whether the key is there, in the sense of `isset()`: a stored null is not. False while no session is active. */
    public function has(string $key): bool;

    /**
     * Removes a key, if it is there and a session is active.
     *
     * @return void
     */
    public function remove(string $key): void;

    /**
     * `$manager->name`: the same as {@see get()} without a default.
     *
     * Returns a copy: `$manager->list[] = 1` raises PHP's notice about indirect modification and changes nothing.
     *
     * @return mixed
     */
    public function __get(string $key);

    /**
     * `$manager->name = $value`: the same as {@see set()}.
     *
     * @param mixed $value
     *
     * @return void
     */
    public function __set(string $key, $value): void;

    /** `isset($manager->name)`: the same as {@see has()}. */
    public function __isset(string $key): bool;

    /**
     * `unset($manager->name)`: the same as {@see remove()}.
     *
     * @return void
     */
    public function __unset(string $key): void;

    /** Whether a session is active, whoever started it: this asks PHP, not the manager. */
    public function exists(): bool;

    /**
     * PHP's session status.
     *
     * @return int one of the interface's constants: `SESSION_DISABLED` 0, `SESSION_NONE` 1, `SESSION_ACTIVE` 2
     */
    public function status(): int;

    /** Starts the session. True if it is active now. */
    public function start(): bool;

    /**
     * Ends the active session: `session_destroy()`, and `$_SESSION` is emptied, entries of other managers with another
     * `uniqueId` included. Without an active session nothing happens.
     *
     * The cookie stays in the browser, as with `session_destroy()`.
     *
     * @return void
     */
    public function destroy(): void;

    /**
     * Gives the active session a new id: `session_regenerate_id()`. Call it when a visitor's rights change. Without an
     * active session nothing happens.
     *
     * @param bool $deleteOldSession whether the session under the old id is destroyed
     *
     * @return ManagerInterface the manager itself
     */
    public function regenerateId(bool $deleteOldSession = true): \Phalcon\Session\ManagerInterface;

    /** The session's id; "" before there is one. */
    public function getId(): string;

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
    public function setId(string $id): \Phalcon\Session\ManagerInterface;

    /**
     * The session's name: the one that was set, else PHP's `session_name()`, which is kept from then on.
     *
     * Phalcon 4 has this the wrong way round; this is Phalcon 5's answer.
     */
    public function getName(): string;

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
    public function setName(string $name): \Phalcon\Session\ManagerInterface;

    /** The adapter, or null when none was set. */
    public function getAdapter(): ?\SessionHandlerInterface;

    /**
     * Says where sessions are kept. Any `SessionHandlerInterface` serves: an adapter of this family, `Seshat\Handler`, your own.
     *
     * After {@see start()} it takes effect only when a session is started the next time.
     *
     * @return ManagerInterface the manager itself
     */
    public function setAdapter(\SessionHandlerInterface $adapter): \Phalcon\Session\ManagerInterface;

    /**
     * The options exactly as they were given last.
     *
     * @return array<string, mixed>
     */
    public function getOptions(): array;

    /**
     * Replaces all options. Only `uniqueId` has a meaning here: a prefix that keeps applications which share one session
     * apart. With `['uniqueId' => 'shop']` the key `cart` is `$_SESSION['shop#cart']`. Leaving it out takes the prefix away;
     * "" and "0" are none, as in Phalcon.
     *
     * @param array{uniqueId?: string, ...} $options other keys are kept and not looked at
     *
     * @return void
     */
    public function setOptions(array $options): void;
}
