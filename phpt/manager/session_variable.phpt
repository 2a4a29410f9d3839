--TEST--
$_SESSION as scripts leave it: a constant array, copies, null, a reference, an object, nothing
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; if (!class_exists('Phalcon\\Session\\Manager')) die('skip the family is not there'); ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
session.save_handler=seshat
session.save_path=memory:
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

ob_start();
session_start();
$session = new Phalcon\Session\Manager();

$_SESSION = [];
$session->set('a', 1);
$copy = $_SESSION;
$session->set('a', 2);
$session->set('b', 3);
says('a copy stays', $copy === ['a' => 1]);
says('the session', $_SESSION === ['a' => 2, 'b' => 3]);

$_SESSION = ['constant' => 1];
$copy = $_SESSION;
$session->remove('constant');
says('a constant', [$copy, $_SESSION] === [['constant' => 1], []]);

$_SESSION = null;
says('null', [$session->get('a'), $session->has('a')] === [null, false]);
$session->remove('a');
$session->set('a', 1);
says('becomes an array', $_SESSION === ['a' => 1]);

$mine = ['q' => 1];
$_SESSION = &$mine;
$session->set('a', 1);
says('a reference', $mine === ['q' => 1, 'a' => 1]);
unset($_SESSION);
$_SESSION = new ArrayObject();
$session->set('a', 1);
says('an object', [$session->get('a'), $session->has('a'), count($_SESSION)] === [null, false, 0]);
unset($_SESSION);
$session->set('a', 1);
$session->remove('a');
says('nothing', [$session->get('a'), $session->has('a')] === [null, false]);

final class Typed
{
    public int $number = 1;
}
$typed = new Typed();
$_SESSION = ['n' => &$typed->number];
$session->set('n', 2);
says('through a typed reference', $typed->number);
try {
    $session->set('n', 'text');
} catch (TypeError $e) {
    says('refused', str_contains($e->getMessage(), 'Typed::$number'));
}
says('unchanged', $typed->number);

final class Last
{
    public function __construct(private Closure $words)
    {
    }

    public function __destruct()
    {
        ($this->words)();
    }
}
foreach (['set' => fn () => $session->set('a', 1), 'remove' => fn () => $session->remove('a')] as $name => $act) {
    $_SESSION = ['a' => new Last(function () { $_SESSION = ['new' => 1]; })];
    $act();
    says("a destructor in $name", $_SESSION === ['new' => 1]);
}
$_COOKIE = 5;
session_abort();
$session->setAdapter(new Phalcon\Session\Adapter\Noop());
says('no cookies', $session->start());
session_abort();
$_COOKIE = ['PHPSESSID' => 'not an id'];
$cookies = $_COOKIE;
says('a bad cookie', $session->start() && $_COOKIE === [] && $cookies === ['PHPSESSID' => 'not an id']);
--EXPECT--
a copy stays: yes
the session: yes
a constant: yes
null: yes
becomes an array: yes
a reference: yes
an object: yes
nothing: yes
through a typed reference: 2
refused: yes
unchanged: 2
a destructor in set: yes
a destructor in remove: yes
no cookies: yes
a bad cookie: yes
