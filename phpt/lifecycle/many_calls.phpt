--TEST--
Calls of anything, by the thousand, leave PHP's memory and the process as they were
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; if (!class_exists('Phalcon\\Session\\Manager')) die('skip the family is not there'); ?>
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
use Phalcon\Session\Adapter\Noop;
use Phalcon\Session\Adapter\Redis;
use Phalcon\Session\Adapter\Stream;
use Phalcon\Session\Manager;
use Phalcon\Storage\AdapterFactory;
use Phalcon\Storage\SerializerFactory;

ob_start();
set_error_handler(fn () => true);
final class Text
{
    public function __toString(): string
    {
        return 'text';
    }
}
final class Factory
{
    public function newInstance(string $name, array $options): object
    {
        return new ArrayObject($options);
    }
}
define('ROUNDS', (int) (getenv('SESHAT_ROUNDS') ?: 3000));
$folder = Face::scratch();
session_start();
$manager = new Manager(['uniqueId' => 'u']);
$manager->setAdapter(new Noop());
$handler = new Seshat\Handler('memory:');
$failing = function (Closure $act): void {
    try {
        $act();
        echo "did not fail\n";
    } catch (Throwable) {
    }
};
$acts = [
    'set and get' => function (int $i) use ($manager) {
        $manager->set('key' . $i % 100, "value $i");
        $manager->set('list', [$i, "$i"]);
        $manager->set($i % 10, new stdClass());
        $manager->get('key' . $i % 50, new Text(), true);
        $manager->has('list') && $manager->remove('none');
        $manager->magic = $i;
        unset($manager->magic);
    },
    'a constant session' => function (int $i) use ($manager) {
        $_SESSION = ['a' => 1];
        $copy = $_SESSION;
        $manager->set('a', "$i");
        $_SESSION = null;
        $manager->set('b', [$i]);
    },
    'managers' => function (int $i) {
        $manager = new Manager(['uniqueId' => new Text(), 'n' => [$i]]);
        $manager->setAdapter(new Noop(['prefix' => "p$i", 'more' => [$i]]));
        $manager->setDI($manager);
        $manager->setOptions($manager->getOptions() + ['x' => "$i"]);
        [$manager->getAdapter(), $manager->getName(), $manager->getId()];
        (clone $manager)->status();
    },
    'handlers' => function (int $i) use ($folder) {
        new Seshat\Handler(['dsn' => 'memory:', 'lock_wait' => '1s'], ['lifetime' => 60]);
        new Seshat\Handler(dsn: "files://$folder");
    },
    'direct calls' => function (int $i) use ($handler) {
        $id = 'id' . $i % 10;
        $handler->write($id, str_repeat('x', $i % 500));
        $handler->read($id);
        $handler->updateTimestamp($id, 'data');
        $handler->validateId(new Text());
        $handler->create_sid();
        $handler->destroy($id);
    },
    'mistakes' => function (int $i) use ($failing, $handler, $manager) {
        $failing(fn () => new Seshat\Handler("memory:?nonsense=$i"));
        $failing(fn () => new Seshat\Handler(['dsn' => 'memory:', 'x' => [[[$i]]]]));
        $failing(fn () => $handler->read("../$i"));
        $failing(fn () => $handler->read([]));
        $failing(fn () => $handler->gc('many'));
        $failing(fn () => $manager->setId('a b'));
        $failing(fn () => clone $handler);
    },
    'factories' => function (int $i) use ($failing) {
        $factory = new SerializerFactory(['mine' => 'ArrayObject']);
        $factory->newInstance('mine');
        $failing(fn () => $factory->newInstance("none$i"));
        (new AdapterFactory($factory, ['redis' => 'ArrayObject']));
        $adapter = new Redis(new AdapterFactory($factory), ['host' => '127.0.0.1', 'port' => 1]);
        $adapter->__construct(new Factory(), ['host' => '127.0.0.1']);
        new Stream(['savePath' => '/tmp', 'unknown' => $i]);
    },
    'sessions in the style of Phalcon 3' => function (int $i) use ($failing) {
        $session = new Files(['uniqueId' => "u$i", 'more' => [$i]]);
        $session->set('list', [$i, "$i"]);
        $session->text = new Text();
        [$session->get('list', null, true), $session->text, isset($session->none), $session->getOptions(), $session->start()];
        $other = Phalcon\Session\Factory::load(['adapter' => 'noop', 'uniqueId' => 5]);
        $other->setOptions(['self' => $other]);
        $failing(fn () => Phalcon\Session\Factory::load(['adapter' => "none$i"]));
        $failing(fn () => new Files(['uniqueId' => []]));
        if (class_exists(Redis::class)) {
            $redis = new Redis(['port' => 1, 'lifetime' => "$i" + 1, 'statsKey' => 'all', 'cycle' => []]);
            $redis->setOptions(['self' => $redis]);
            $failing(fn () => new Redis(['path' => "tcp://h?none=$i"]));
            new Redis(['path' => 'tcp://127.0.0.1:1?weight=1', 'name' => 'visit']);
        }
    },
];
class_exists(Redis::class) || $acts['factories'] = fn () => null;
$resident = function (): int {
    preg_match('/^VmRSS:\s+(\d+)/m', (string) @file_get_contents('/proc/self/status'), $match);
    return (int) ($match[1] ?? 0);
};
foreach ($acts as $name => $act) {
    $run = function (int $rounds) use ($act) {
        $_SESSION = [];
        for ($i = 0; $i < $rounds; $i++) {
            $act($i);
        }
        $_SESSION = [];
        gc_collect_cycles();
    };
    $run(ROUNDS);
    [$used, $size] = [memory_get_usage(), $resident()];
    $run(ROUNDS);
    says($name, abs(memory_get_usage() - $used) < 1024 && $resident() - $size < 512 ?: [memory_get_usage() - $used, $resident() - $size]);
}
restore_error_handler();
--EXPECT--
set and get: yes
a constant session: yes
managers: yes
handlers: yes
direct calls: yes
mistakes: yes
factories: yes
sessions in the style of Phalcon 3: yes
