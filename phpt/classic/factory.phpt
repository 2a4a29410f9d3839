--TEST--
Session\Factory::load(): names in any case, arrays and objects, and what is missing said in plain words
--SKIPIF--
<?php require __DIR__ . '/../include/skip-without-redis.inc'; if (!class_exists('Phalcon\\Session\\Adapter\\Redis') || !class_exists('Phalcon\\Session\\Adapter\\Files')) die('skip the family is not there'); ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
namespace Phalcon\Session\Adapter {
    class Mine extends \Phalcon\Session\Adapter
    {
    }

    class NoSession
    {
    }
}

namespace {
    require __DIR__ . '/../include/face.inc';

    use Phalcon\Session\Factory;

    ob_start();
    final class Config
    {
        public function __construct(private mixed $options) {}
        public function toArray(): mixed { return $this->options; }
    }
    spl_autoload_register(function (string $class) {
        if ($class === 'Phalcon\Session\Adapter\Later') {
            eval('namespace Phalcon\Session\Adapter; class Later extends \Phalcon\Session\Adapter {}');
        }
    });
    abstract class Sessions extends Phalcon\Factory
    {
        public static function load($config)
        {
            return self::loadClass('Phalcon\Session\Adapter', $config);
        }
    }

    $config = ['uniqueId' => 'app', 'adapter' => 'redis', 'lifetime' => 60, 'port' => (int) getenv('SESHAT_REDIS_PORT')];
    foreach ([$config, new Config($config)] as $options) {
        $session = Factory::load($options);
        says(get_class($session), [$session->isStarted(), $session->getOptions()] === [false, ['uniqueId' => 'app', 'lifetime' => 60, 'port' => $config['port'], 'host' => '127.0.0.1', 'persistent' => false]]);
    }
    says('the configuration stays', $config['adapter']);
    foreach (['REDIS', 'Files', 'files', 'noop', 'mine', 'Later'] as $name) {
        $session = Factory::load(['adapter' => $name, 'prefix' => 'p']);
        echo "$name: ", get_class($session), ' ', $session->getOptions()['prefix'], ' ', get_class(Sessions::load(['adapter' => $name])), "\n";
    }
    $bad = [
        null, 'files', 5, new stdClass(), new Config('text'), [], ['uniqueId' => 'app'], ['adapter' => null], ['adapter' => ['files']], ['adapter' => 1],
        ['adapter' => 'memcach'], ['adapter' => 'rediss'], ['adapter' => 'file'], ['adapter' => 'something'], ['adapter' => ''],
        ['adapter' => '../../etc/passwd'], ['adapter' => "files\0"], ['adapter' => 'AbstractAdapter'], ['adapter' => 'NoSession'],
        ['adapter' => 'Exceptions\InvalidSavePath'], ['adapter' => 'Mongo'],
        ['adapter' => 'aerospike'], ['adapter' => 'redis', 'port' => 'much'],
    ];
    foreach ($bad as $options) {
        try {
            $session = Factory::load($options);
            echo 'loaded ', get_class($session), "\n";
        } catch (Phalcon\Exception $e) {
            // What this build has is the build's own business.
            echo get_class($e), ': ', preg_replace('/there are [a-z, ]+$/', 'there are ...', $e->getMessage()), "\n";
        }
    }
}
--EXPECT--
Phalcon\Session\Adapter\Redis: yes
Phalcon\Session\Adapter\Redis: yes
the configuration stays: 'redis'
REDIS: Phalcon\Session\Adapter\Redis p Phalcon\Session\Adapter\Redis
Files: Phalcon\Session\Adapter\Files p Phalcon\Session\Adapter\Files
files: Phalcon\Session\Adapter\Files p Phalcon\Session\Adapter\Files
noop: Phalcon\Session\Adapter\Noop p Phalcon\Session\Adapter\Noop
mine: Phalcon\Session\Adapter\Mine p Phalcon\Session\Adapter\Mine
Later: Phalcon\Session\Adapter\Later p Phalcon\Session\Adapter\Later
Phalcon\Factory\Exception: Config must be array or Phalcon\Config object
Phalcon\Factory\Exception: Config must be array or Phalcon\Config object
Phalcon\Factory\Exception: Config must be array or Phalcon\Config object
Phalcon\Factory\Exception: Config must be array or Phalcon\Config object
Phalcon\Factory\Exception: Config must be array or Phalcon\Config object
Phalcon\Factory\Exception: You must provide 'adapter' option in factory config parameter.
Phalcon\Factory\Exception: You must provide 'adapter' option in factory config parameter.
Phalcon\Factory\Exception: You must provide 'adapter' option in factory config parameter.
Phalcon\Factory\Exception: option "adapter" must be the name of an adapter
Phalcon\Factory\Exception: option "adapter" must be the name of an adapter
Phalcon\Factory\Exception: unknown session adapter "memcach"; did you mean "memcache"?
Phalcon\Factory\Exception: unknown session adapter "rediss"; did you mean "redis"?
Phalcon\Factory\Exception: unknown session adapter "file"; did you mean "files"?
Phalcon\Factory\Exception: unknown session adapter "something"; there are ...
Phalcon\Factory\Exception: unknown session adapter ""; there are ...
Phalcon\Factory\Exception: option "adapter" must be the name of a session adapter; there are ...
Phalcon\Factory\Exception: option "adapter" must be the name of a session adapter; there are ...
Phalcon\Factory\Exception: Phalcon\Session\Adapter\AbstractAdapter is no session adapter that can be loaded; there are ...
Phalcon\Factory\Exception: Phalcon\Session\Adapter\NoSession is no session adapter that can be loaded; there are ...
Phalcon\Factory\Exception: Phalcon\Session\Adapter\Exceptions\InvalidSavePath is no session adapter that can be loaded; there are ...
Phalcon\Session\Exception: The parameter 'collection' is required
Phalcon\Session\Exception: No hosts given in options
Phalcon\Session\Exception: option "port" must be a whole number from 1 to 65535, "much" given
