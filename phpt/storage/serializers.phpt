--TEST--
Serializers: what they write and read, what they leave alone and what they refuse
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; if (!class_exists('Phalcon\\Storage\\SerializerFactory')) die('skip the family is not there'); ?>
--FILE--
<?php
require __DIR__ . '/../include/storage.inc';

set_error_handler(function (int $level, string $message) {
    echo "told: $message\n";
    return true;
});
$factory = new Phalcon\Storage\SerializerFactory();
$plain = [null, true, false, 5, -1.5, '5', ' 7', '1e3', '007'];
foreach (['php', 'json', 'base64', 'none'] as $name) {
    $serializer = $factory->newInstance($name);
    echo "== $name: ", $serializer::class, ' ', $serializer instanceof Phalcon\Storage\Serializer\SerializerInterface ? 'is one' : 'is none', "\n";
    shows('at first', [$serializer->getData(), $serializer->isSuccess()]);
    foreach (['text', '', [], ['a' => [1, null]], new ArrayObject([1]), new DateTimeZone('UTC')] as $value) {
        try {
            $serializer->setData($value);
            $written = $serializer->serialize();
            $reader = $factory->newInstance($name);
            $reader->unserialize($written);
            $back = $reader->getData();
            shows(get_debug_type($value), [is_string($written) ? $written : get_debug_type($written), $reader->isSuccess(), $back == $value]);
        } catch (InvalidArgumentException $e) {
            echo get_debug_type($value), ': ', $e::class, ': ', $e->getMessage(), "\n";
        }
    }
    $kept = [];
    foreach ($plain as $value) {
        try {
            $serializer->setData($value);
            $written = $serializer->serialize();
            $serializer->unserialize($written);
            $kept[] = $serializer->getData() === $value ? ($written === $value ? 'kept' : $written) : $serializer->getData();
        } catch (InvalidArgumentException $e) {
            $kept[] = $e->getMessage();
        }
    }
    shows('plain values', $kept);
    foreach (['s:4:"te', '{"a":', 'a:1:{i:0;O:8:"Mis', '!', 's:1:"a";x'] as $broken) {
        attempt("reads $broken", function () use ($serializer, $broken) {
            $serializer->setData('before');
            $serializer->unserialize($broken);
            return [$serializer->getData(), $serializer->isSuccess()];
        });
    }
    shows('a failure is over', (function () use ($serializer) {
        $serializer->setData('text');
        $serializer->unserialize($serializer->serialize());
        return [$serializer->getData(), $serializer->isSuccess()];
    })());
}
foreach (['redis_php', 'redis_json', 'redis_igbinary', 'redis_msgpack', 'redis_none', 'memcached_php', 'memcached_json', 'memcached_igbinary'] as $name) {
    $serializer = $factory->newInstance($name);
    $serializer->setData([1]);
    $serializer->unserialize($serializer->serialize());
    shows($name, [$serializer::class, get_parent_class($serializer), $serializer->getData()]);
}
// What null and false were written as is not a failure.
$php = new Phalcon\Storage\Serializer\Php('given');
shows('given', [$php->getData(), $php->serialize()]);
foreach (['b:0;', 'N;', 'b:1;', 'i:5;'] as $text) {
    $php->unserialize($text);
    shows($text, [$php->getData(), $php->isSuccess()]);
}
attempt('an array', fn () => $php->unserialize([1]));
attempt('a loop for JSON', function () {
    $list = [];
    $list[] = &$list;
    return (new Phalcon\Storage\Serializer\Json($list))->serialize();
});
attempt('no UTF-8 for JSON', fn () => (new Phalcon\Storage\Serializer\Json("\xff"))->serialize());
attempt('a closure', fn () => (new Phalcon\Storage\Serializer\Php(fn () => 1))->serialize());

// The objects themselves can be serialized, with an array in them.
shows('serialized', serialize(new Phalcon\Storage\Serializer\Php(['a' => 1])));
shows('and back', unserialize(serialize(new Phalcon\Storage\Serializer\Php(['a' => 1])))->getData());
shows('nothing in it', unserialize(serialize(new Phalcon\Storage\Serializer\Json('text')))->getData());

// What user code says while it is woken up is not for us to hide for good.
final class Woken
{
    public int $a = 1;

    public function __wakeup(): void
    {
        echo "woken\n";
    }
}
$php->unserialize(serialize(new Woken()));
shows('woken', $php->getData() instanceof Woken);
final class Throws
{
    public function __wakeup(): void
    {
        throw new DomainException('not today');
    }
}
attempt('thrown', fn () => $php->unserialize(serialize(new Throws())));
echo $undefined;

// Children decide for themselves, typed or not.
final class Spaced extends Phalcon\Storage\Serializer\Php
{
    protected function isSerializable($data): bool
    {
        return $data !== 'as it is';
    }

    public function serialize(): mixed
    {
        return '  ' . parent::serialize();
    }

    public function unserialize($data): void
    {
        parent::unserialize(ltrim($data));
    }
}
$own = new Spaced(5);
shows('a child', $own->serialize());
$own->unserialize($own->serialize());
shows('reads', $own->getData());
$own->setData('as it is');
shows('keeps', $own->serialize());
--EXPECT--
== php: Phalcon\Storage\Serializer\Php is one
at first: [null,true]
string: ["s:4:\"text\";",true,true]
string: ["s:0:\"\";",true,true]
array: ["a:0:{}",true,true]
array: ["a:1:{s:1:\"a\";a:2:{i:0;i:1;i:1;N;}}",true,true]
ArrayObject: ["O:11:\"ArrayObject\":4:{i:0;i:0;i:1;a:1:{i:0;i:1;}i:2;a:0:{}i:3;N;}",true,true]
DateTimeZone: ["O:12:\"DateTimeZone\":2:{s:13:\"timezone_type\";i:3;s:8:\"timezone\";s:3:\"UTC\";}",true,true]
plain values: ["kept","kept","kept","kept","kept","kept","kept","kept","kept"]
reads s:4:"te: [null,false]
reads {"a":: [null,false]
reads a:1:{i:0;O:8:"Mis: [null,false]
reads !: [null,false]
reads s:1:"a";x: ["a",true]
a failure is over: ["text",true]
== json: Phalcon\Storage\Serializer\Json is one
at first: [null,true]
string: ["\"text\"",true,true]
string: ["\"\"",true,true]
array: ["[]",true,true]
array: ["{\"a\":[1,null]}",true,false]
ArrayObject: Phalcon\Storage\Serializer\Exceptions\InvalidSerializationInput: Data for the JSON serializer cannot be of type 'object' without implementing 'JsonSerializable'
DateTimeZone: Phalcon\Storage\Serializer\Exceptions\InvalidSerializationInput: Data for the JSON serializer cannot be of type 'object' without implementing 'JsonSerializable'
plain values: ["kept","kept","kept","kept","kept","\"5\"","\" 7\"","\"1e3\"","\"007\""]
reads s:4:"te: Phalcon\Storage\Serializer\Exceptions\InvalidUnserializationInput: json_decode error: Syntax error
reads {"a":: Phalcon\Storage\Serializer\Exceptions\InvalidUnserializationInput: json_decode error: Syntax error
reads a:1:{i:0;O:8:"Mis: Phalcon\Storage\Serializer\Exceptions\InvalidUnserializationInput: json_decode error: Syntax error
reads !: Phalcon\Storage\Serializer\Exceptions\InvalidUnserializationInput: json_decode error: Syntax error
reads s:1:"a";x: Phalcon\Storage\Serializer\Exceptions\InvalidUnserializationInput: json_decode error: Syntax error
a failure is over: ["text",true]
== base64: Phalcon\Storage\Serializer\Base64 is one
at first: [null,true]
string: ["dGV4dA==",true,true]
string: ["",true,true]
array: Phalcon\Storage\Serializer\Exceptions\InvalidSerializationInput: Data for the serializer must of type string
array: Phalcon\Storage\Serializer\Exceptions\InvalidSerializationInput: Data for the serializer must of type string
ArrayObject: Phalcon\Storage\Serializer\Exceptions\InvalidSerializationInput: Data for the serializer must of type string
DateTimeZone: Phalcon\Storage\Serializer\Exceptions\InvalidSerializationInput: Data for the serializer must of type string
plain values: ["Data for the serializer must of type string","Data for the serializer must of type string","Data for the serializer must of type string","Data for the serializer must of type string","Data for the serializer must of type string","NQ==","IDc=","MWUz","MDA3"]
reads s:4:"te: ["",false]
reads {"a":: ["",false]
reads a:1:{i:0;O:8:"Mis: ["",false]
reads !: ["",false]
reads s:1:"a";x: ["",false]
a failure is over: ["text",true]
== none: Phalcon\Storage\Serializer\None is one
at first: [null,true]
string: ["text",true,true]
string: ["",true,true]
array: ["array",true,true]
array: ["array",true,true]
ArrayObject: ["ArrayObject",true,true]
DateTimeZone: ["DateTimeZone",true,true]
plain values: ["kept","kept","kept","kept","kept","kept","kept","kept","kept"]
reads s:4:"te: ["s:4:\"te",true]
reads {"a":: ["{\"a\":",true]
reads a:1:{i:0;O:8:"Mis: ["a:1:{i:0;O:8:\"Mis",true]
reads !: ["!",true]
reads s:1:"a";x: ["s:1:\"a\";x",true]
a failure is over: ["text",true]
redis_php: ["Phalcon\\Storage\\Serializer\\RedisPhp","Phalcon\\Storage\\Serializer\\None",[1]]
redis_json: ["Phalcon\\Storage\\Serializer\\RedisJson","Phalcon\\Storage\\Serializer\\None",[1]]
redis_igbinary: ["Phalcon\\Storage\\Serializer\\RedisIgbinary","Phalcon\\Storage\\Serializer\\None",[1]]
redis_msgpack: ["Phalcon\\Storage\\Serializer\\RedisMsgpack","Phalcon\\Storage\\Serializer\\None",[1]]
redis_none: ["Phalcon\\Storage\\Serializer\\RedisNone","Phalcon\\Storage\\Serializer\\None",[1]]
memcached_php: ["Phalcon\\Storage\\Serializer\\MemcachedPhp","Phalcon\\Storage\\Serializer\\None",[1]]
memcached_json: ["Phalcon\\Storage\\Serializer\\MemcachedJson","Phalcon\\Storage\\Serializer\\None",[1]]
memcached_igbinary: ["Phalcon\\Storage\\Serializer\\MemcachedIgbinary","Phalcon\\Storage\\Serializer\\None",[1]]
given: ["given","s:5:\"given\";"]
b:0;: [false,true]
N;: [null,true]
b:1;: [true,true]
i:5;: [5,true]
an array: Phalcon\Storage\Serializer\Exceptions\InvalidUnserializationInput: Data for the unserializer must of type string
a loop for JSON: Phalcon\Storage\Serializer\Exceptions\InvalidSerializationInput: json_encode error: Recursion detected
no UTF-8 for JSON: Phalcon\Storage\Serializer\Exceptions\InvalidSerializationInput: json_encode error: Malformed UTF-8 characters, possibly incorrectly encoded
a closure: Exception: Serialization of 'Closure' is not allowed
serialized: "O:30:\"Phalcon\\Storage\\Serializer\\Php\":1:{s:1:\"a\";i:1;}"
and back: {"a":1}
nothing in it: []
woken
woken: yes
thrown: DomainException: not today
told: Undefined variable $undefined
a child: "  i:5;"
reads: 5
keeps: "  as it is"
