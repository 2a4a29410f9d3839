--TEST--
With the option lock a session is locked from read to close, and a late write is refused
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/caches.inc';

ob_start();
complaints();
$other = new Seshat\Lock('memory:', ['lock_wait' => 0]);

/** What happened, what the cache was asked, which of the sessions are locked, what PHP said. */
function step(string $what, callable $do): void
{
    global $cache, $other;
    $answer = $do();
    $asked = $cache->told();
    $locked = array_filter(['known', session_id()], function ($id) use ($other) {
        if ($id === '' || $other->acquire($id)) {
            $other->release();
            return false;
        }
        return true;
    });
    $known = fn (string $text) => preg_replace("/[0-9a-z]{32}/", 'NEW', $text);
    echo "$what: ", is_bool($answer) ? var_export($answer, true) : $answer, ' | ', $known($asked), ' | ',
        $locked ? $known(implode(' ', array_unique($locked))) . ' locked' : 'free', ' ', $known(implode("\n  ", ['', ...complaints()])), "\n";
}

function install(array $locking, array $options = []): Nofw\Session\SimpleCacheSessionHandler
{
    global $cache;
    session_id('known');
    $cache = new RecordingSimpleCache();
    $cache->data['known'] = 'n|i:1;';
    $handler = new Nofw\Session\SimpleCacheSessionHandler($cache, null, $options + ['lock' => new Seshat\Lock('memory:', $locking)]);
    session_set_save_handler($handler, false);
    return $handler;
}

function start(array $options = []): bool
{
    session_id('known');
    return session_start($options);
}

echo "== the flows of PHP\n";
$handler = install([]);
step('start', fn () => start());
step('reset', fn () => session_reset());
step('changed', fn () => ($_SESSION['n'] = 2) && session_write_close());
step('start', fn () => start());
step('unchanged', fn () => session_write_close());
step('start', fn () => start());
step('abort', fn () => session_abort());
step('read and close', fn () => start(['read_and_close' => true]));
step('start', fn () => start());
step('create id', fn () => is_string(session_create_id()));
step('regenerate', fn () => session_regenerate_id());
step('regenerate, delete', fn () => session_regenerate_id(true));
step('destroy', fn () => session_destroy());
step('called directly', fn () => $handler->read('known') . $handler->write('known', 'n|i:3;') . $handler->close());
step('start', fn () => start());
step('called directly meanwhile', fn () => $handler->read('known') . $handler->write('known', 'n|i:4;') . $handler->close());
step('close', fn () => session_write_close());

echo "== strict mode\n";
ini_set('session.use_strict_mode', '1');
install([], ['strict' => true]);
step('known', fn () => start());
session_abort();
step('unknown', function () {
    session_id('nobody');
    return session_start() && session_id() !== 'nobody';
});
session_abort();
ini_set('session.use_strict_mode', '0');

echo "== somebody else has it\n";
install(['lock_wait' => 0]);
$other->acquire('known');
$started = start();
$other->release();
step('fail', fn () => $started);
$other->acquire('known');
$started = start(['read_and_close' => true]);
$other->release();
step('read and close', fn () => $started);
install(['lock_wait' => 0, 'on_lock_timeout' => 'readonly']);
$other->acquire('known');
$started = start();
$other->release();
step('readonly', fn () => $started);
step('unchanged', fn () => session_write_close());
$other->acquire('known');
start();
$other->release();
step('changed', fn () => ($_SESSION['n'] = 2) && session_write_close());
says('stored', $cache->data['known']);
step('a wrapper that goes on', function () use ($other) {
    // What a failed read turns into in the hands of others must not be written.
    $wrapper = new class ($GLOBALS['handler'] = install(['lock_wait' => 0])) extends SessionHandler {
        public function __construct(private SessionHandlerInterface $inner)
        {
        }
        public function open($path, $name): bool
        {
            return $this->inner->open($path, $name);
        }
        public function read($id): string
        {
            return (string) $this->inner->read($id);
        }
        public function write($id, $data): bool
        {
            return $this->inner->write($id, $data);
        }
        public function close(): bool
        {
            return $this->inner->close();
        }
    };
    session_set_save_handler($wrapper, false);
    $other->acquire('known');
    start();
    $other->release();
    $_SESSION['n'] = 2;
    return session_write_close();
});
says('stored', $GLOBALS['cache']->data['known']);

echo "== the lease ran out\n";
foreach (['unchanged' => 1, 'changed' => 2] as $what => $value) {
    install(['lock_expire' => 1]);
    start();
    $taker = new Seshat\Lock('memory:', ['lock_wait' => 10]);
    $taker->acquire('known');
    $cache->data['known'] = 'n|i:7;';
    $_SESSION['n'] = $value;
    step($what, fn () => session_write_close());
    says('stored', $cache->data['known']);
    says('the taker has its lock', $taker->isHeld());
    unset($taker);
}
// A log-out goes through.
install(['lock_expire' => 1]);
start();
$taker = new Seshat\Lock('memory:', ['lock_wait' => 10]);
$taker->acquire('known');
step('destroy', fn () => session_destroy());
says('the taker has its lock', $taker->isHeld());
unset($taker);

echo "== the lock is in other hands\n";
$lock = new Seshat\Lock('memory:');
$handler = new Nofw\Session\SimpleCacheSessionHandler($cache = new RecordingSimpleCache(), null, ['lock' => $lock]);
session_set_save_handler($handler, false);
$lock->acquire('something-else');
step('start', fn () => start());
says('kept', $lock->isHeld());
$lock->release();
step('start', fn () => start());
$lock->release();
step('released by hand', fn () => session_write_close());
--EXPECT--
== the flows of PHP
start: true | get('known') | known locked 
reset: true | get('known') | known locked 
changed: true | set('known', 'n|i:2;') | free 
start: true | get('known') | known locked 
unchanged: true | set('known', 'n|i:2;') | free 
start: true | get('known') | known locked 
abort: true |  | free 
read and close: true | get('known') | free 
start: true | get('known') | known locked 
create id: true |  | known locked 
regenerate: true | set('known', 'n|i:2;') get('NEW') | NEW locked 
regenerate, delete: true | delete('NEW') get('NEW') | NEW locked 
destroy: true | delete('NEW') | free 
called directly: n|i:2;11 | get('known') set('known', 'n|i:3;') | free 
start: true | get('known') | known locked 
called directly meanwhile: n|i:3;11 | get('known') set('known', 'n|i:4;') | known locked 
close: true | set('known', 'n|i:3;') | free 
== strict mode
known: true | has('known') get('known') | known locked 
unknown: true | has('nobody') get('NEW') | NEW locked 
== somebody else has it
fail: false |  | free 
  Nofw\Session\SimpleCacheSessionHandler::read(): memory lock at this process: session kn... is held
  session_start(): Failed to read session data
read and close: true | get('known') | free 
readonly: true | get('known') | free 
unchanged: true |  | free 
changed: true | get('known') | free 
  Nofw\Session\SimpleCacheSessionHandler::write(): the session was opened without its lock and is read-only in this request
  session_write_close(): Failed to write session data using user defined save handler.
stored: 'n|i:1;'
a wrapper that goes on: true |  | free 
  Nofw\Session\SimpleCacheSessionHandler::read(): memory lock at this process: session kn... is held
  Nofw\Session\SimpleCacheSessionHandler::write(): the session could not be read, so it stays as it was stored
  session_write_close(): Failed to write session data using user defined save handler.
stored: 'n|i:1;'
== the lease ran out
unchanged: true | get('known') | known locked 
stored: 'n|i:7;'
the taker has its lock: yes
changed: true | get('known') | known locked 
  Nofw\Session\SimpleCacheSessionHandler::write(): memory write at this process: session kn... was held for longer than 1 s (lock_expire); this write was refused, and what is stored stays as it is
  session_write_close(): Failed to write session data using user defined save handler.
stored: 'n|i:7;'
the taker has its lock: yes
destroy: true | get('known') delete('known') | known locked 
the taker has its lock: yes
== the lock is in other hands
start: false |  | free 
  Nofw\Session\SimpleCacheSessionHandler::read(): memory lock at this process: this lock holds another session, and one at a time; release it first
  session_start(): Failed to read session data
kept: yes
start: true | get('known') | known locked 
released by hand: true |  | free 
  Nofw\Session\SimpleCacheSessionHandler::write(): memory lock at this process: session kn... is not locked here
  session_write_close(): Failed to write session data using user defined save handler.
