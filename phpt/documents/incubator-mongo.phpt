--TEST--
The sample of the page on Phalcon 3's add-on adapters for MongoDB runs word for word
--SKIPIF--
<?php
require __DIR__ . '/../include/skip-without-mongodb.inc';
if (!class_exists('Phalcon\\Session\\Adapter\\Mongo')) die('skip the family is not there');
?>
--FILE--
<?php
// Its server is this test's own; nothing else of the sample is changed.
require __DIR__ . '/../include/face.inc';
require __DIR__ . '/../include/sample.inc';

$port = getenv('SESHAT_MONGODB_PORT');
$sample = new Sample(Face::scratch(), ['new \Mongo()' => "new \\Mongo('mongodb://127.0.0.1:$port')"]);
[, $code] = Sample::of(__DIR__ . '/incubator-mongo.txt')[1];
$id = 'sample' . bin2hex(random_bytes(8));
$before = 'require "' . dirname(__DIR__) . '/include/polyfill.inc"; session_id("' . $id . '"); $di = new Phalcon\Di();';
foreach ([1, 2] as $visit) {
    echo $sample->run("<?php $before ?><?php $code" . '
        $session = $di->get("session");
        $session->set("visits", 1 + $session->get("visits", 0));
        session_write_close();
        echo $session->read(session_id()), "\n";');
}
$handler = new Seshat\Handler("mongodb://127.0.0.1:$port/test?collection=session_data");
says('stored', $handler->read($id));
$handler->destroy($id);
--EXPECT--
visits|i:1;
visits|i:2;
stored: 'visits|i:2;'
