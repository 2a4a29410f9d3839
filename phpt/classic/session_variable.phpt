--TEST--
$_SESSION may be anything or nothing: no method of a session fails on it, and one name is never another's
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; if (!class_exists('Phalcon\\Session\\Adapter\\Files')) die('skip the family is not there'); ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
session.save_handler=seshat
session.save_path=memory:
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

use Phalcon\Session\Adapter\Files;

ob_start();
final class Session extends Files
{
    public function clear(): void
    {
        $this->removeSessionData();
    }
}

function everything(Session $session): string
{
    $session->set('a', 1);
    $session->b = 2;
    $told = [$session->get('a', 'default'), $session->get('x', 'default', true), $session->has('a'), $session->b, isset($session->b)];
    $session->remove('a');
    unset($session->b);
    $session->clear();
    return json_encode($told);
}

foreach ([[], ['uniqueId' => 'app']] as $options) {
    $session = new Session($options);
    unset($_SESSION);
    echo 'nothing: ', everything($session), ' ', json_encode(isset($_SESSION)), "\n";
    foreach (['null' => null, 'text' => 'text', 'number' => 5, 'object' => new ArrayObject(['a' => 3]), 'array' => ['z' => 26]] as $name => $value) {
        $_SESSION = $value;
        echo "$name: ", everything($session), ' ', json_encode($_SESSION), "\n";
    }
}
// After the session was closed, the array is still there and is worked on.
$session = new Session();
$session->start();
$session->set('a', 1);
session_write_close();
$session->set('b', 2);
says('closed', [$session->get('a'), $session->get('b'), $_SESSION] === [1, 2, ['a' => 1, 'b' => 2]]);
says('starts again', [$session->start(), $_SESSION] === [true, ['a' => 1]]);
session_abort();

// Names that begin alike, or look like numbers.
$_SESSION = ['app' => 1, 'app#' => 2, 'app#a' => 3, 'app2#a' => 4, 7 => 5, '8' => 6, "app#\0" => 7];
$session = new Session(['uniqueId' => 'app']);
$session->clear();
says('only its own', $_SESSION === ['app' => 1, 'app2#a' => 4, 7 => 5, 8 => 6]);
$session = new Session(['uniqueId' => '0']);
says('"0" is none', [$session->get('7'), $session->get('8')] === [5, 6]);
$session = new Session(['uniqueId' => 12]);
$session->set('a', 1);
says('a number', $_SESSION['12#a']);
$session->setOptions(['other' => 1]);
says('kept', [$session->get('a'), $session->getOptions()] === [1, ['other' => 1]]);
final class Loud
{
    public function __destruct()
    {
        $_SESSION = ['12#b' => 'from the destructor'];
    }
}
$_SESSION = ['12#a' => new Loud(), '12#b' => 1, '12#c' => 2];
$session->clear();
says('a destructor', $_SESSION);
--EXPECT--
nothing: ["default","default",false,null,false] false
null: [1,"default",true,2,true] []
text: ["default","default",false,null,false] []
number: ["default","default",false,null,false] []
object: ["default","default",false,null,false] []
array: [1,"default",true,2,true] []
nothing: ["default","default",false,null,false] false
null: [1,"default",true,2,true] []
text: ["default","default",false,null,false] "text"
number: ["default","default",false,null,false] 5
object: ["default","default",false,null,false] {"a":3}
array: [1,"default",true,2,true] {"z":26}
closed: yes
starts again: yes
only its own: yes
"0" is none: yes
a number: 1
kept: yes
a destructor: array (
)
