<?php

namespace DALMP;

/**
 * PHP's sessions in one of DALMP's handlers, as in the package dalmp/dalmp.
 *
 *     $cache = new DALMP\Cache\Redis('127.0.0.1', 6379);
 *     $sessions = new DALMP\Sessions(new DALMP\Sessions\Redis($cache, 'UID'));
 *     $UID = 42;                        // at log-in: the session's reference
 *     $sessions->getSessionRef(42);     // all sessions of user 42
 *     $sessions->delSessionRef(42);     // and their end
 *
 * It is no save handler itself. Methods that are not here are those of the handler.
 */
class Sessions
{
    /** @var \SessionHandlerInterface|null the handler */
    private $session_handler = null;

    /**
     * Makes PHP keep its sessions in the handler and **starts the session**. While one is active already nothing
     * is changed, and a warning says so.
     *
     * Of PHP's settings it changes, as the original does: `session.gc_maxlifetime`, to the constant
     * `DALMP_SESSIONS_MAXLIFETIME`, else to what php.ini says; without an entry there it stays as it is (the
     * original then ended in a TypeError on PHP 8). `session.use_cookies`, `use_only_cookies` and
     * `cookie_httponly` to 1, `use_trans_sid` to 0, `session.name` to `DALMP`. Before PHP 8.4, which does not want
     * that any more, `session.sid_bits_per_character` to 5 and `sid_length` to as many characters as the digest of
     * `$hash_algo` fills: 52 for sha256, 103 for sha512, at least 32.
     *
     * @param \SessionHandlerInterface|false|null $session_handler without one: {@see Sessions\SQLite}
     * @param string $hash_algo one of `hash_algos()`; another one counts as sha1
     *
     * @throws \InvalidArgumentException for something that is no session handler
     * @throws \Error for an object that is none and cannot be shown as text
     * @throws \Exception if the default handler cannot be made
     */
    public function __construct($session_handler = false, $hash_algo = 'sha256')
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Gives the session a new id and ends the old one, if the browser is still the one that the session began with:
     * `HTTP_ACCEPT`, `HTTP_USER_AGENT`, `HTTP_ACCEPT_ENCODING`, `HTTP_ACCEPT_LANGUAGE` and, with `$use_IP`, `REMOTE_ADDR`
     * of `$_SERVER`, kept as a digest in `$_SESSION['fingerprint']`.
     *
     * With another browser the session is **destroyed** and the answer is false; no new one is started. A call with
     * `$use_IP` after one without, or the other way round, is another browser. Nothing is compared but here.
     *
     * @param mixed $use_IP anything that is not empty means true
     *
     * @return bool
     */
    public function regenerate_id($use_IP = true)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }

    /**
     * Calls the method of the handler.
     *
     * @param string $method
     * @param array<mixed> $args
     *
     * @return mixed
     *
     * @throws \Exception if the handler has no such method
     */
    public function __call($method, $args)
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }
}
