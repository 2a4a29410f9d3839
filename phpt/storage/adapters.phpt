--TEST--
Storage adapters keep, count, list and forget values, all alike
--SKIPIF--
<?php require __DIR__ . '/../include/skip-without-redis.inc'; if (!class_exists('Phalcon\\Storage\\Adapter\\Redis')) die('skip the family is not there'); ?>
--FILE--
<?php
require __DIR__ . '/../include/storage_scenario.inc';

each_storage(['memory', 'stream', 'redis'], play(...));
--EXPECT--
is an adapter: yes
prefix: yes
default serializer: "php"
lifetime: 3600
serializer: "Phalcon\\Storage\\Serializer\\Php"
keys: yes
some keys: yes
a key as it was listed: ["a text",true]
missing: [null,"default",false,false]
deletes: [true,false,false]
deletes many: [true,false,false,false]
deletes none: yes
counts: [2,10,9,4,4]
counts below zero: [-6,-7]
too much: [false,false]
is over: [true,false]
is over: [true,false]
is over: [true,false]
deletes nothing so: no
an interval: [true,"x"]
a number as text: [true,"y"]
no time: TypeError: Phalcon\Storage\Adapter\AbstractAdapter::getTtl(): Argument #1 ($ttl) must be of type int, string given
no time either: TypeError: Phalcon\Storage\Adapter\AbstractAdapter::getTtl(): Argument #1 ($ttl) must be of type DateInterval|int|null, array given
for ever: [true,[1]]
another serializer: ["json","Phalcon\\Storage\\Serializer\\Json",true,true]
reads not what another wrote: "default"
an unknown one: "Service yaml is not registered"
numbers as keys: [true,"twelve",true,true]
clears: [true,[],false,true,true,true]
two keys: [1,2,2]
a serializer of one's own: [true,"text","Phalcon\\Storage\\Serializer\\Base64",true]
wrong lifetime: Phalcon\Storage\Exceptions\InvalidConfiguration: option "lifetime" must be a number of seconds, 0 or more, string given
no lifetime: Phalcon\Storage\Exceptions\InvalidConfiguration: option "lifetime" must be a number of seconds, 0 or more, int given
wrong prefix: Phalcon\Storage\Exceptions\InvalidConfiguration: option "prefix" must be a string, array given
wrong name: Phalcon\Storage\Exceptions\InvalidConfiguration: option "defaultSerializer" must be a string, float given
wrong object: Phalcon\Storage\Exceptions\InvalidConfiguration: option "serializer" must be an object of Phalcon\Storage\Serializer\SerializerInterface
wrong key: TypeError: Phalcon\Storage\Adapter\AbstractAdapter::get(): Argument #1 ($key) must be of type string, array given
no key: ArgumentCountError: Phalcon\Storage\Adapter\AbstractAdapter::get() expects at least 1 argument, 0 given
