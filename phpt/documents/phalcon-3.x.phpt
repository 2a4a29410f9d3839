--TEST--
The samples of Phalcon 3's page on sessions, and of its add-on for Redis, run word for word
--SKIPIF--
<?php
require __DIR__ . '/../include/skip-without-redis.inc';
require __DIR__ . '/../include/skip-without-memcached.inc';
if (!class_exists('Phalcon\\Session\\Adapter\\Files') || !class_exists('Phalcon\\Session\\Bag')) die('skip the family is not there');
?>
--FILE--
<?php
// Each sample stands between a container, which it takes for granted, and a line of ours that shows what
// it did. Places where things are kept are this test's own; nothing else of a sample is changed.
require __DIR__ . '/../include/face.inc';
require __DIR__ . '/../include/sample.inc';

$scratch = Face::scratch();
$port = getenv('SESHAT_REDIS_PORT');
$sample = new Sample($scratch, ["'tcp://127.0.0.1:6379?weight=1'" => "'tcp://127.0.0.1:$port?weight=1&prefix=" . basename($scratch) . "'"]);
$samples = Sample::of(__DIR__ . '/phalcon-3.x.txt');

$before = '<?php require "' . dirname(__DIR__) . '/include/polyfill.inc"; ini_set("session.save_path", "' . $scratch . '"); session_id("visitor"); $di = new Phalcon\Di(); ?>';
$play = function (int $number, string $after, string $more = '') use ($sample, &$samples, $before, $scratch): void {
    [$heading, $code] = $samples[$number];
    $code = str_starts_with($code, '<?php') ? $code : "<?php $code";
    array_map('unlink', glob("$scratch/sess_*"));
    echo "$number $heading: ", preg_replace('~ in /\S+|Stack trace:.*~s', '', trim($sample->run("$before$more$code\n$after"))), "\n";
};
$stored = 'session_write_close(); echo file_get_contents("' . $scratch . '/sess_visitor");';
// The service that most of the page talks of.
$service = $samples[1][1] . '?>';

$play(1, 'var_dump(session_status() === PHP_SESSION_NONE); $di->getShared("session")->set("a", 1); ' . $stored);
$play(3, '$user = new UserController(); $user->indexAction(); $user->welcomeAction(); ' . $stored, $service);
$play(4, '$user = new UserController(); $user->session->set("user-name", "Michael"); $user->removeAction(); var_dump($user->session->has("user-name"));
    $user->logoutAction(); var_dump(session_status() === PHP_SESSION_NONE, file_exists("' . $scratch . '/sess_visitor"));', $service);
$play(5, '$session = $di->get("session"); $session->set("a", 1); ' . $stored);
$play(6, $stored, $service);
$play(7, '$user = new UserController(); $user->indexAction(); $user->welcomeAction(); ' . "echo \"\\n\"; $stored", $service);
$play(8, '$security = new Security(); $security->auth(); echo $security->getAuthName(), "\n"; ' . $stored, $service);
$play(9, '$session = $di->get("session"); $session->set("a", 1); session_write_close(); $session->start(); var_dump($session->get("a"), $session->destroy());');

$samples[2][1] = strtr($samples[2][1], ['11211' => explode(' ', (string) getenv('SESHAT_MEMCACHED_PORTS'))[0]]);
$play(2, '$session->set("a", 1); session_write_close(); var_dump($session->read("visitor"), $session->getLifetime(), $session->destroy());');
--EXPECT--
1 Starting the session: bool(true)
a|i:1;
3 Storing and retrieving: user-name|s:7:"Michael";
4 Removing and destroying: bool(false)
bool(true)
bool(false)
5 Isolating session data: my-app-1#a|i:1;
6 Session bags: user|a:2:{s:4:"name";s:14:"Kimbra Johnson";s:3:"age";i:22;}
7 Persistent data in a controller: Welcome, Laura
UserController|a:1:{s:4:"name";s:5:"Laura";}
8 Persistent data in a component: Laura
Security|a:1:{s:4:"name";s:5:"Laura";}
9 Redis, of the page on add-on adapters: int(1)
bool(true)
2 Factory: string(21) "my-private-app#a|i:1;"
int(3600)
bool(true)
