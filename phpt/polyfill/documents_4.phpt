--TEST--
Containers, controllers, components and persistent data as Phalcon 4's document shows them
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
$folder = Face::scratch();

use Phalcon\Di;
use Phalcon\Mvc\Controller;
use Phalcon\Session\Adapter\Stream;
use Phalcon\Session\Bag;
use Phalcon\Session\Bag as SessionBag;
use Phalcon\Session\Exception;
use Phalcon\Session\Manager;

// A bag with a container that has no session, as in the section "Bag": the session is the manager that runs.
$manager = new Manager();
$manager->setAdapter(new Stream(['savePath' => $folder]))->start();
$container = new Di();
$user      = new SessionBag('user');

$user->setDI($container);

$user->name     = 'Dark Helmet';
$user->password = 12345;
says('bag', $_SESSION['user'] === ['name' => 'Dark Helmet', 'password' => 12345]);
session_write_close();

// The section "Dependency Injection".
$container->set(
    'session',
    function () use ($folder) {
        $session = new Manager();
        $files = new Stream(
            [
                'savePath' => $folder,
            ]
        );

        $session
            ->setAdapter($files)
            ->start();

        return $session;
    }
);

/**
 * @property Bag     $persistent
 * @property Manager $session
 */
class InvoicesController extends Controller
{
    public function indexAction()
    {
        // Set a session variable
        $this->persistent->name = 'Dark Helmet';
        $this->session->name    = 'Princess Vespa';
        $this->session->set('user-name', 'Dark Helmet');
    }

    public function echoAction()
    {
        // Set a session variable
        echo $this->persistent->name, "\n"; // 'Dark Helmet';
        echo $this->session->name, "\n";    // 'Princess Vespa';
    }
}

class Component extends Controller
{
    public function indexAction()
    {
        // Set a session variable
        $this->persistent->name = 'President Skroob';
    }

    public function echoAction()
    {
        // Set a session variable
        echo $this->persistent->name, "\n"; // 'President Skroob';
        echo $this->session->name, "\n";    // 'Princess Vespa';
    }
}

class IndexController extends Controller
{
    public function index()
    {
        try {
            $this->session->set('key', 'value');
        } catch (Exception $ex) {
            echo $ex->getMessage();
        }
    }
}

(new InvoicesController())->indexAction();
(new Component())->indexAction();
(new IndexController())->index();
session_write_close();

// The next request.
$manager->start();
(new InvoicesController())->echoAction();
(new Component())->echoAction();
says('key', (new InvoicesController())->session->get('key'));
says('user-name', $_SESSION['user-name']);
says('parts', [$_SESSION['InvoicesController'], $_SESSION['Component']] === [['name' => 'Dark Helmet'], ['name' => 'President Skroob']]);
says('is set', [isset((new Component())->session), isset((new Component())->persistent->name), isset((new Component())->nothing)] === [true, true, false]);
session_destroy();
--EXPECT--
bag: yes
Dark Helmet
Princess Vespa
President Skroob
Princess Vespa
key: 'value'
user-name: 'Dark Helmet'
parts: yes
is set: yes
