--TEST--
The samples of Phalcon 4.0's page on sessions run word for word
--SKIPIF--
<?php require __DIR__ . '/../include/skip-without-redis.inc'; require __DIR__ . '/../include/skip-without-memcached.inc'; ?>
--FILE--
<?php
// Each sample is followed by a line of ours that shows what it did. Places where things are kept are
// this test's own; nothing else of a sample is changed.
require __DIR__ . '/../include/face.inc';
require __DIR__ . '/../include/sample.inc';

$scratch = Face::scratch();
$sample = new Sample($scratch, ["'/tmp'" => var_export($scratch, true), "'port'  => 6379" => "'port' => " . getenv('SESHAT_REDIS_PORT')]);
$samples = Sample::of(__DIR__ . '/phalcon-4.0.txt');
$stored = 'echo json_encode(array_map("file_get_contents", array_values(array_filter(glob("' . $scratch . '/*"), fn ($f) => strlen(basename($f)) > 20))));';

$play = function (int $number, string $after, string $before = '') use ($sample, &$samples, $scratch): void {
    [$heading, $code] = $samples[$number];
    array_map('unlink', array_filter(glob("$scratch/*"), 'is_file'));
    echo "$number $heading: ", preg_replace('~ in /\S+|Stack trace:.*~s', '', trim($sample->run("$code\n$after"))), "\n";
};
$report = 'session_write_close(); ' . $stored;

$play(1, 'echo get_class($session->getAdapter()), $session->exists() ? " runs" : " not started";');
$play(3, 'var_dump($session->exists(), $session->start());');
$play(4, 'var_dump($session->exists()); ' . $stored);
$play(5, '');
$play(6, '$session->set("kept", 1); $session->regenerateId(); ' . $report);
$play(7, 'var_dump($session->get("userId", "nobody"), $session->userId);');
$play(8, '');
$play(9, '');
$play(10, '');
$play(12, $report);
$play(13, $report);
$samples[14][1] = strtr($samples[14][1], ['11211' => explode(' ', (string) getenv('SESHAT_MEMCACHED_PORTS'))[0]]);
$play(14, '$session->set("a", 1); $id = $session->getId(); session_write_close(); var_dump($libmemcached->read($id)); $session->start(); var_dump($session->get("a")); $session->destroy();');
$play(15, 'var_dump($session->exists());');
$play(16, '$session->set("a", 1); $key = "sess-reds-" . $session->getId(); session_write_close(); $session->start(); var_dump($session->get("a")); $session->destroy();');
$play(17, '$session->set("a", 1); ' . $report);

// Where the page is wrong: what happens with Phalcon, and here.
echo "-- the constructor takes an array, not an id\n";
$play(11, '');
echo "-- ... and with the array that the page means\n";
$samples[11][1] = str_replace("new Manager('id-1')", "new Manager(['uniqueId' => 'id-1'])", $samples[11][1]);
$play(11, '$session->set("a", 1); $session->setOptions(["uniqueId" => "id-1"]); var_dump($session->get("a")); session_write_close(); ' . $stored);
echo "-- no PHP: a class that extends an interface, return types as in Zephir\n";
$play(18, '');
echo "-- ... and as PHP writes it\n";
$samples[18][1] = preg_replace(
    ['/extends/', '/(gc.*) -> bool;/', '/ -> bool;/', '/ -> string;/'],
    ['implements', '\1: int|false { return 0; }', ': bool { return true; }', ': string { return ""; }'],
    $samples[18][1],
);
$play(18, '$manager = new \Phalcon\Session\Manager(); var_dump($manager->setAdapter(new Custom())->start());');
?>
--EXPECT--
1 Manager: Phalcon\Session\Adapter\Stream not started
3 Start: bool(true)
bool(true)
4 Destroy: bool(false)
[]
5 Exists: bool(false)
bool(true)
6 Regenerate Id: ["kept|i:1;"]
7 Get: string(6) "nobody"
NULL
8 Has: bool(false)
9 Id: phalcon-id
10 Name: phalcon-app
12 Set: ["userId|i:12345;"]
13 Remove: [""]
14 Libmemcached: string(6) "a|i:1;"
int(1)
15 Noop: bool(true)
16 Redis: int(1)
17 Stream: ["a|i:1;"]
-- the constructor takes an array, not an id
11 Options: Fatal error: Uncaught TypeError: Phalcon\Session\Manager::__construct(): Argument #1 ($options) must be of type array, string given

-- ... and with the array that the page means
11 Options: NULL
["id-2#a|i:1;"]
-- no PHP: a class that extends an interface, return types as in Zephir
18 Custom: Parse error: syntax error, unexpected token "->", expecting ";" or "{" on line 12
-- ... and as PHP writes it
18 Custom: bool(true)
