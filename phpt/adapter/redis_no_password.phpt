--TEST--
Adapter\Redis: what PHP calls empty is no password, and "000" is one
--SKIPIF--
<?php require __DIR__ . '/../include/skip-without-redis.inc'; if (!class_exists('Phalcon\\Session\\Adapter\\Redis')) die('skip the family is not there'); ?>
--FILE--
<?php
$factory = new Phalcon\Storage\AdapterFactory(new Phalcon\Storage\SerializerFactory());
foreach (['', '0', 0, null, [], '000'] as $auth) {
    $adapter = new Phalcon\Session\Adapter\Redis($factory, [
        'port' => (int) getenv('SESHAT_REDIS_PORT'),
        'auth' => $auth,
    ]);
    try {
        // The server has no password, and refuses one.
        $said = $adapter->read('nobody') === '' ? 'reads' : 'reads something';
    } catch (Phalcon\Session\Exception $refused) {
        $said = 'refused';
    }
    echo json_encode($auth), ": $said\n";
}
--EXPECT--
"": reads
"0": reads
0: reads
null: reads
[]: reads
"000": refused
