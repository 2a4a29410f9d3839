--TEST--
Containers, controllers, components and bags as Phalcon 3's document shows them
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; if (!class_exists('Phalcon\\Session\\Bag')) die('skip the family is not there'); ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';
require __DIR__ . '/../include/polyfill.inc';
ob_start();
ini_set('session.save_path', $folder = Face::scratch());

use Phalcon\Di;
use Phalcon\Mvc\Controller;
use Phalcon\Mvc\User\Component;
use Phalcon\Session\Bag as SessionBag;

/** A session in the style of Phalcon 3: an object of its own over $_SESSION. */
final class Session
{
    public function __construct(private string $uniqueId)
    {
        session_start();
    }

    public function get(string $index, $default = null)
    {
        return $_SESSION["$this->uniqueId#$index"] ?? $default;
    }

    public function set(string $index, $value)
    {
        $_SESSION["$this->uniqueId#$index"] = $value;
    }

    public function has(string $index)
    {
        return isset($_SESSION["$this->uniqueId#$index"]);
    }

    public function remove(string $index)
    {
        unset($_SESSION["$this->uniqueId#$index"]);
    }

    public function destroy()
    {
        return session_destroy();
    }
}

$di = new Di();

// Start the session the first time when some component request the session service
$di->setShared(
    'session',
    function () {
        return new Session('my-app-1');
    }
);

class UserController extends Controller
{
    public function indexAction()
    {
        // Set a session variable
        $this->session->set('user-name', 'Michael');
        // Create a persistent variable 'name'
        $this->persistent->name = 'Laura';
    }

    public function welcomeAction()
    {
        // Check if the variable is defined
        if ($this->session->has('user-name')) {
            // Retrieve its value
            $name = $this->session->get('user-name');
        }
        if (isset($this->persistent->name)) {
            echo 'Welcome, ', $this->persistent->name, " and $name\n";
        }
    }

    public function removeAction()
    {
        // Remove a session variable
        $this->session->remove('user-name');
    }

    public function logoutAction()
    {
        // Destroy the whole session
        $this->session->destroy();
    }
}

class Security extends Component
{
    public function auth()
    {
        // Create a persistent variable 'name'
        $this->persistent->name = 'Laura B.';
    }

    public function getAuthName()
    {
        return $this->persistent->name;
    }
}

says('nothing has started', session_status() === PHP_SESSION_NONE);

$user = new SessionBag('user');

$user->setDI($di);

$user->name = 'Kimbra Johnson';
$user->age  = 22;

$controller = new UserController();
$controller->indexAction();
(new Security())->auth();
(new UserController())->welcomeAction();
says('component', (new Security())->getAuthName());
says('stored', $_SESSION === [
    'my-app-1#user' => ['name' => 'Kimbra Johnson', 'age' => 22],
    'my-app-1#user-name' => 'Michael',
    'my-app-1#UserController' => ['name' => 'Laura'],
    'my-app-1#Security' => ['name' => 'Laura B.'],
]);
$controller->removeAction();
says('removed', $controller->session->has('user-name'));
$controller->logoutAction();
says('logged out', session_status() === PHP_SESSION_NONE);
--EXPECT--
nothing has started: yes
Welcome, Laura and Michael
component: 'Laura B.'
stored: yes
removed: no
logged out: yes
