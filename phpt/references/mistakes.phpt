--TEST--
References: what cannot be one, where they come from, and what a misuse says
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
ob_start();
$told = function (callable $work) {
    try {
        echo json_encode($work()), "\n";
    } catch (Throwable $thrown) {
        // Which stores there are is the build's.
        echo str_contains($thrown->getMessage(), 'the store handlersocket cannot find sessions by a reference; files') ? 'unable' : $thrown::class . ': ' . $thrown->getMessage(), "\n";
    }
};
// What PHP itself adds differs from version to version.
set_error_handler(fn ($level, $message) => str_starts_with($message, 'Seshat') ? print("$message\n") : true);

$handler = new Seshat\Handler('memory://mistakes', ['ref' => 'user']);
foreach (['', str_repeat('x', 256), 1.5, true, [], null] as $reference) {
    $told(fn () => $handler->sessionsOf($reference));
}
$told(fn () => $handler->destroyAllOf(1, 'no/id'));
$told(fn () => $handler->destroyAllOf(1, 5));
$told(fn () => $handler->referenceOf('no/id'));
$told(fn () => (new Seshat\Handler('memory:'))->setReference(42));
$told(fn () => (new ReflectionClass(Seshat\Handler::class))->newInstanceWithoutConstructor()->countOf(1));
$told(fn () => new Seshat\References(new stdClass()));
foreach (['handlersocket://127.0.0.1/db?table=t&ref=a', 'memory:?ref=a&ref_global=b', 'memory:?max_sessions_per_ref=2', 'memory:?ref=a&on_max_sessions=kill', 'memory:?reff=a'] as $dsn) {
    $told(fn () => get_class(new Seshat\Handler($dsn)));
}

echo "A variable that is no reference:\n";
session_set_save_handler($handler, true);
foreach ([1.5, [1], new stdClass(), true, str_repeat('x', 256)] as $value) {
    session_id('odd');
    session_start();
    $_SESSION['user'] = $value;
    session_write_close();
}
var_dump($handler->validateId('odd'));

echo "By a setter, over two requests and a new id:\n";
$setter = new Seshat\Handler('memory://setter', ['references' => true]);
session_set_save_handler($setter, true);
session_id('first');
session_start();
$setter->setReference(42);
session_write_close();
session_start();
$_SESSION['n'] = 1;
session_regenerate_id(true);
session_write_close();
$told(fn () => array_column($setter->sessionsOf('42'), 'id') === [session_id()] && session_id() !== 'first');
session_start();
$setter->setReference(null);
session_write_close();
$told(fn () => $setter->countOf(42));

echo "From a global variable, by direct calls as well:\n";
$global = new Seshat\Handler('memory://global', ['ref_global' => 'UID']);
$UID = 'ann';
$global->write('one', 'data');
$UID = 5;
$global->write('two', 'data');
$told(fn () => [$global->countOf('ann'), $global->countOf('5')]);

echo "One after the other, and from the beginning:\n";
$all = $global->allReferences();
$told(fn () => [get_class($all), $all instanceof Iterator]);
foreach ($all as $number => $reference) {
    $told(fn () => [$number, $reference]);
}
$told(fn () => [$all->valid(), $all->current(), iterator_to_array($all)]);
$told(fn () => clone $all);
unset($global);
$told(fn () => iterator_to_array($all));
--EXPECT--
Seshat\Exception: session read: the reference of a session is empty; a session without one has none at all
Seshat\Exception: session read: the reference of a session has 256 bytes and may have 255
TypeError: Seshat\Handler::sessionsOf(): Argument #1 ($reference) must be of type int|string, float given
TypeError: Seshat\Handler::sessionsOf(): Argument #1 ($reference) must be of type int|string, bool given
TypeError: Seshat\Handler::sessionsOf(): Argument #1 ($reference) must be of type int|string, array given
TypeError: Seshat\Handler::sessionsOf(): Argument #1 ($reference) must be of type int|string, null given
Seshat\Exception: session destroy: the session id contains characters other than a-z, A-Z, 0-9, "," and "-"
TypeError: Seshat\Handler::destroyAllOf(): Argument #2 ($except) must be of type ?string, int given
Seshat\Exception: session read: the session id contains characters other than a-z, A-Z, 0-9, "," and "-"
Seshat\Exception: no references are kept here; option "ref" names the session variable that they come from, and references=on keeps those that are set
Error: Seshat\Handler is not ready: its constructor was not called, or it is busy
TypeError: Seshat\References::__construct(): Argument #1 ($handler) must be of type Seshat\Handler, stdClass given
unable
Seshat\Exception: options "ref" and "ref_global" exclude each other: a session has one reference
Seshat\Exception: option "max_sessions_per_ref" needs references; option "ref" names the session variable that they come from
Seshat\Exception: option "on_max_sessions" must be one of end_oldest, refuse, "kill" given
Seshat\Exception: unknown option "reff"; did you mean "ref"?
A variable that is no reference:
Seshat\Handler::write(): the session variable "user" holds the reference of the session, which must be an int or a string; it is of type float
Seshat\Handler::write(): the session variable "user" holds the reference of the session, which must be an int or a string; it is of type array
Seshat\Handler::write(): the session variable "user" holds the reference of the session, which must be an int or a string; it is of type stdClass
Seshat\Handler::write(): the session variable "user" holds the reference of the session, which must be an int or a string; it is of type bool
Seshat\Handler::write(): session write: the reference of a session has 256 bytes and may have 255
bool(false)
By a setter, over two requests and a new id:
true
0
From a global variable, by direct calls as well:
[1,1]
One after the other, and from the beginning:
["Seshat\\References",true]
[0,"5"]
[1,"ann"]
[false,"",["5","ann"]]
Error: Trying to clone an uncloneable object of class Seshat\References
["5","ann"]
