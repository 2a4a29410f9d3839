--TEST--
Where a bag finds its session
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; if (!class_exists('Phalcon\\Session\\Bag')) die('skip the family is not there'); ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
session.use_strict_mode=0
--FILE--
<?php
namespace {
    require __DIR__ . '/../include/face.inc';
    ob_start();
}

namespace App\Container {
    final class NotFound extends \Exception
    {
    }

    /** As PSR-11 has them. */
    final class Psr
    {
        public array $asked = [];

        public function __construct(private array $services = [])
        {
        }

        public function has(string $id): bool
        {
            return isset($this->services[$id]);
        }

        public function get(string $id): mixed
        {
            $this->asked[] = $id;
            return $this->services[$id] ?? throw new NotFound("no $id");
        }
    }
}

namespace {
    use App\Container\Psr;
    use Phalcon\Session\Adapter\Noop;
    use Phalcon\Session\Bag;
    use Phalcon\Session\Manager;

    $use = function (Bag $bag) {
        try {
            $bag->x = 1;
            return 'found';
        } catch (Throwable $throwable) {
            return $throwable::class . ': ' . $throwable->getMessage();
        }
    };
    says('nothing', $use(new Bag('b')));
    says('nor a name', $use(new class extends Bag {
        public function __construct()
        {
        }
    }));
    says('nor in a container', $use(new Bag('b', new Psr())));
    says('a container that is none', $use(new Bag('b', new stdClass())));
    says('no session', $use(new Bag('b', new Psr(['session' => new stdClass()]))));
    says('throws', $use(new Bag('b', new class {
        public function get(string $id): object
        {
            throw new LogicException("for $id");
        }
    })));

    $manager = new Manager(['uniqueId' => 'm']);
    $manager->setAdapter(new Noop());
    says('not started yet', $use(new Bag('b')));
    $manager->start();
    says('the manager that was started', [$use(new Bag('b')), $_SESSION]);
    $psr = new Psr(['session' => new Manager()]);
    $bag = new Bag('b');
    $bag->setDI($psr);
    says('a container goes first', [$use($bag), $use($bag), $_SESSION, $psr->asked]);
    says('one without a session does not count', $use(new Bag('c', new Psr())));
    says('stored', array_keys($_SESSION));

    // The last one that was started, and it is not kept alive.
    $second = new Manager(['uniqueId' => 'second']);
    $second->setAdapter(new Noop())->start();
    (new Bag('d'))->set('x', 1);
    says('the last', isset($_SESSION['second#d']));
    $watch = WeakReference::create($second);
    unset($second);
    says('is gone', [$watch->get(), $use(new Bag('e'))]);
    $manager->start();
    $bag = new Bag('f');
    says('started once more', [$use($bag), isset($_SESSION['m#f'])]);
    $watch = WeakReference::create($manager);
    unset($manager);
    says('a bag keeps its session', [$watch->get() !== null, $bag->x]);
    unset($bag);
    says('until it goes', $watch->get());
}

namespace Phalcon\Di {
    /** A default container, as Phalcon 5 has it. */
    final class Di
    {
        public static ?object $default = null;

        public static function getDefault(): ?object
        {
            return self::$default;
        }
    }
}

namespace Phalcon {
    /** And as 3 and 4 have it. */
    final class Di
    {
        public static ?object $default = null;

        public static function getDefault(): ?object
        {
            return self::$default;
        }
    }
}

namespace {
    use App\Container\Psr;
    use Phalcon\Session\Bag;
    use Phalcon\Session\Manager;

    says('no default', $use(new Bag('g')));
    Phalcon\Di\Di::$default = new Psr(['session' => new Manager(['uniqueId' => 'five'])]);
    says('5', [$use(new Bag('g')), isset($_SESSION['five#g'])]);
    Phalcon\Di::$default = new Psr(['session' => new Manager(['uniqueId' => 'four'])]);
    says('4', [$use(new Bag('g')), isset($_SESSION['four#g'])]);
    says('its own goes first', [$use(new Bag('g', new Psr(['session' => new Manager(['uniqueId' => 'own'])]))), isset($_SESSION['own#g'])]);
}
--EXPECT--
nothing: 'Phalcon\\Session\\Exception: A dependency injection container is required to access the \'session\' service'
nor a name: 'Phalcon\\Session\\Exception: The bag has no name; was its constructor called?'
nor in a container: 'Phalcon\\Session\\Exception: A dependency injection container is required to access the \'session\' service'
a container that is none: 'Phalcon\\Session\\Exception: A dependency injection container is required to access the \'session\' service'
no session: 'Phalcon\\Session\\Exception: The service \'session\' is no session: it lacks get(), set() or remove()'
throws: 'LogicException: for session'
not started yet: 'Phalcon\\Session\\Exception: A dependency injection container is required to access the \'session\' service'
the manager that was started: array (
  0 => 'found',
  1 => 
  array (
    'm#b' => 
    array (
      'x' => 1,
    ),
  ),
)
a container goes first: array (
  0 => 'found',
  1 => 'found',
  2 => 
  array (
    'm#b' => 
    array (
      'x' => 1,
    ),
    'b' => 
    array (
      'x' => 1,
    ),
  ),
  3 => 
  array (
    0 => 'session',
  ),
)
one without a session does not count: 'found'
stored: array (
  0 => 'm#b',
  1 => 'b',
  2 => 'm#c',
)
the last: yes
is gone: array (
  0 => NULL,
  1 => 'Phalcon\\Session\\Exception: A dependency injection container is required to access the \'session\' service',
)
started once more: array (
  0 => 'found',
  1 => true,
)
a bag keeps its session: array (
  0 => true,
  1 => 1,
)
until it goes: NULL
no default: 'Phalcon\\Session\\Exception: A dependency injection container is required to access the \'session\' service'
5: array (
  0 => 'found',
  1 => true,
)
4: array (
  0 => 'found',
  1 => true,
)
its own goes first: array (
  0 => 'found',
  1 => true,
)
