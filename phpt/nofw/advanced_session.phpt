--TEST--
A container makes the handler over Doctrine's MemcachedCache, as nofw's guide to sessions configures it
--EXTENSIONS--
igbinary
msgpack
memcached
--SKIPIF--
<?php require __DIR__ . '/../include/skip-without-libraries.inc'; ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
// The two files of the guide, word for word, and as much of its container, and of the version of
// Doctrine's cache that it uses, as they need.
namespace DI {
    final class Wanted
    {
        public array $arguments = [];
        public array $calls = [];

        public function __construct(public readonly string $class)
        {
        }

        public function constructor(mixed ...$arguments): self
        {
            $this->arguments = $arguments;
            return $this;
        }

        public function method(string $name, mixed ...$arguments): self
        {
            $this->calls[] = [$name, $arguments];
            return $this;
        }
    }

    final class Made
    {
        public array $parameters = [];

        public function __construct(public readonly \Closure $factory)
        {
        }

        public function parameter(string $name, mixed $value): self
        {
            $this->parameters[$name] = $value;
            return $this;
        }
    }

    final class Environment
    {
        public function __construct(public readonly string $name)
        {
        }
    }

    function object(string $class): Wanted
    {
        return new Wanted($class);
    }

    function factory(\Closure $factory): Made
    {
        return new Made($factory);
    }

    function env(string $name): Environment
    {
        return new Environment($name);
    }
}
namespace {
    require __DIR__ . '/../include/caches.inc';
    library('Psr/Container');
    library('Doctrine/Common/Cache');

    final class Container implements Psr\Container\ContainerInterface
    {
        private array $made = [];

        public function __construct(private array $definitions)
        {
        }

        public function has($id)
        {
            return isset($this->definitions[$id]);
        }

        public function get($id)
        {
            return $this->made[$id] ??= $this->resolve($this->definitions[$id]);
        }

        private function resolve(mixed $definition): mixed
        {
            if ($definition instanceof DI\Wanted) {
                $object = new ($definition->class)(...array_map($this->resolve(...), $definition->arguments));
                foreach ($definition->calls as [$method, $arguments]) {
                    $object->$method(...array_map($this->resolve(...), $arguments));
                }
                return $object;
            }
            return match (true) {
                $definition instanceof DI\Made => ($definition->factory)(...array_map($this->resolve(...), $definition->parameters)),
                $definition instanceof DI\Environment => getenv($definition->name),
                default => $definition,
            };
        }
    }
}
namespace Doctrine\Common\Cache {
    final class MemcachedCache extends CacheProvider
    {
        private \Memcached $memcached;

        public function setMemcached(\Memcached $memcached)
        {
            $this->memcached = $memcached;
        }

        protected function doFetch($id)
        {
            return $this->memcached->get($id);
        }

        protected function doContains($id)
        {
            return $this->memcached->get($id) !== false;
        }

        protected function doSave($id, $data, $lifeTime = 0)
        {
            return $this->memcached->set($id, $data, (int) $lifeTime);
        }

        protected function doDelete($id)
        {
            return $this->memcached->delete($id) || $this->memcached->getResultCode() === \Memcached::RES_NOTFOUND;
        }

        protected function doFlush()
        {
            return $this->memcached->flush();
        }

        protected function doGetStats()
        {
            return null;
        }
    }
}
namespace {
    $configuration = <<<'PHP'
<?php

return [
    // ...
    \SessionHandlerInterface::class => \DI\object(\Nofw\Session\DoctrineCacheSessionHandler::class)->constructor(
        \DI\object(\Doctrine\Common\Cache\MemcachedCache::class)->method(
            'setMemcached',
            \DI\factory(function($host, $port) {
                $memcached = new \Memcached();

                $memcached->addServer($host, $port);

                return $memcached;
            })
            ->parameter('host', \DI\env('MEMCACHED_HOST'))
            ->parameter('port', \DI\env('MEMCACHED_PORT'))
        )
    ),
];
PHP;
    $bootstrap = <<<'PHP'
<?php

//...

// Session setup
if ($container->has(\SessionHandlerInterface::class)) {
    session_set_save_handler($container->get(\SessionHandlerInterface::class), true);
}
PHP;

    [$role, $arguments] = role();
    if ($role === '') {
        $scratch = Face::scratch();
        file_put_contents("$scratch/container.php", $configuration);
        file_put_contents("$scratch/bootstrap.php", $bootstrap);
        putenv('MEMCACHED_HOST=' . memcached($scratch));
        putenv('MEMCACHED_PORT=0');
        foreach ([1, 2, 3] as $visit) {
            echo again('visit', $scratch)->rest();
        }
    } else {
        $container = new Container(require "$arguments[0]/container.php");
        require "$arguments[0]/bootstrap.php";
        session_id('visitor');
        session_start();
        $_SESSION['visits'] = ($_SESSION['visits'] ?? 0) + 1;
        echo 'visit ', $_SESSION['visits'], "\n";
        // PHP ends the session.
    }
}
--EXPECT--
visit 1
visit 2
visit 3
