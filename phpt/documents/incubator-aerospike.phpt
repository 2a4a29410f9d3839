--TEST--
The sample of the page on Phalcon 3's add-on adapters for Aerospike runs word for word
--SKIPIF--
<?php
require __DIR__ . '/../include/skip-without-aerospike.inc';
if (!class_exists('Phalcon\\Session\\Adapter\\Aerospike')) die('skip the family is not there');
?>
--FILE--
<?php
// Its port is this test's own; nothing else of the sample is changed.
require __DIR__ . '/../include/face.inc';
require __DIR__ . '/../include/sample.inc';

$port = getenv('SESHAT_AEROSPIKE_PORT');
$sample = new Sample(Face::scratch(), ["'port' => 3000" => "'port' => $port"]);
[, $code] = Sample::of(__DIR__ . '/incubator-aerospike.txt')[1];
$id = 'sample' . bin2hex(random_bytes(8));
$before = 'require "' . dirname(__DIR__) . '/include/polyfill.inc"; session_id("' . $id . '"); $di = new Phalcon\Di();';
foreach ([1, 2] as $visit) {
    echo $sample->run("<?php $before ?><?php $code" . '
        $session = $di->get("session");
        $session->set("visits", 1 + $session->get("visits", 0));
        session_write_close();
        echo $session->read(session_id()), "\n", implode(", ", array_keys($session->getOptions())), "\n";');
}
$handler = new Seshat\Handler("aerospike://127.0.0.1:$port/test?prefix=session_");
says('stored', $handler->read($id));
$handler->destroy($id);
--EXPECT--
3Hf90KdjQ18#visits|i:1;
hosts, persistent, prefix, lifetime, uniqueId, options
3Hf90KdjQ18#visits|i:2;
hosts, persistent, prefix, lifetime, uniqueId, options
stored: '3Hf90KdjQ18#visits|i:2;'
