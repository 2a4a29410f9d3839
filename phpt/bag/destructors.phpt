--TEST--
Values whose destructors change what they were taken out of: the session, a bag, a collection
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
use Phalcon\Session\Adapter\Stream;
use Phalcon\Session\Bag;
use Phalcon\Session\Manager;
use Phalcon\Support\Collection;

ob_start();

final class Last
{
    public function __construct(private Closure $word)
    {
    }

    public function __destruct()
    {
        ($this->word)();
        gc_collect_cycles();
    }
}

class Typed
{
    public int $number = 3;
    public ?array $session = [];
    public array|Last $any = [];
}

function step(string $name, callable $work): void
{
    echo "$name: ";
    try {
        echo json_encode($work()), "\n";
    } catch (Throwable $thrown) {
        echo get_class($thrown), ': ', $thrown->getMessage(), "\n";
    }
    unset($GLOBALS['_SESSION']);
    $_SESSION = [];
}

$folder = sys_get_temp_dir() . '/seshat-destructors-' . getmypid();
mkdir($folder);
$manager = new Manager(['uniqueId' => 'app']);
$manager->setAdapter(new Stream(['savePath' => $folder]));
$manager->start();

step('a value that is replaced takes the session along', function () use ($manager) {
    $manager->set('a', new Last(function () {
        unset($_SESSION, $GLOBALS['_SESSION']);
    }));
    $manager->set('a', 1);
    return isset($_SESSION);
});
step('a value that is removed', function () use ($manager) {
    $manager->set('a', new Last(fn () => $_SESSION = null));
    $manager->remove('a');
    return $_SESSION;
});
step('a value that is removed adds others', function () use ($manager) {
    $manager->set('a', new Last(fn () => array_map(fn ($n) => $manager->set("n$n", $n), range(1, 100))));
    $manager->remove('a');
    return count($_SESSION);
});
step('all values of an application', function () use ($manager) {
    foreach (range(1, 5) as $number) {
        $manager->set("k$number", new Last(function () use ($manager) {
            $manager->remove('k3');
            $manager->set('more', str_repeat('x', 50));
        }));
    }
    foreach (range(1, 5) as $number) {
        $manager->remove("k$number");
    }
    return array_keys($_SESSION);
});
step('a bag that gets another name', function () use ($manager) {
    $bag = new Bag($manager, str_repeat('bag', 20));
    $bag->set('x', new Last(fn () => $bag->__construct($manager, 'other')));
    $bag->set('x', 5);
    return [$bag->get('x'), strlen(array_key_first($_SESSION))];
});
step('a bag that is cleared and gets another name, without a unique id', function () use ($manager) {
    $plain = new Manager();
    $bag = new Bag($plain, str_repeat('bag', 20));
    $bag->set('x', new Last(function () use ($bag, $manager) {
        $bag->__construct($manager, 'other');
        $_SESSION = [];
    }));
    $bag->clear();
    return $_SESSION;
});
step('a bag whose place is taken', function () use ($manager) {
    $typed = new Typed();
    $_SESSION['app#bag'] = &$typed->number;
    (new Bag($manager, 'bag'))->set('x', 1);
});
step('a bag whose place lets go of itself', function () use ($manager) {
    $typed = new Typed();
    $_SESSION['app#bag'] = &$typed->any;
    $typed->any = new Last(function () use ($typed) {
        unset($_SESSION['app#bag'], $typed->any);
    });
    (new Bag($manager, 'bag'))->set('x', 1);
    return array_keys($_SESSION);
});
step('a session in a typed property', function () use ($manager) {
    $typed = new Typed();
    $_SESSION = &$typed->session;
    $manager->set('a', 1);
    $typed->session = null;
    $manager->set('b', 2);
    return $typed->session;
});
step('a collection that is emptied by what it replaces', function () {
    $collection = new Collection();
    $collection->set('a', new Last(fn () => $collection->clear()));
    $collection->set('a', 2);
    return $collection->toArray();
});
step('a collection that is filled by what it removes', function () {
    $collection = new Collection();
    $collection->set('A', new Last(function () use ($collection) {
        $collection->clear();
        $collection->set('a', 7);
    }));
    $collection->remove('a');
    return $collection->toArray();
});
step('a collection that is emptied while it is gone through', function () {
    $collection = new Collection(array_fill(0, 50, 'x'));
    $seen = 0;
    $collection->each(function () use ($collection, &$seen) {
        $collection->clear();
        $seen++;
    });
    return [$seen, $collection->count()];
});
step('a key that empties the session', function () use ($manager) {
    $key = new class () {
        public function __toString(): string
        {
            $_SESSION = [];
            return 'key';
        }
    };
    $manager->set('gone', 1);
    $manager->set($key, 1);
    return array_keys($_SESSION);
});
session_destroy();
array_map(unlink(...), array_filter(array_map(fn ($name) => "$folder/$name", scandir($folder)), is_file(...)));
rmdir($folder);
?>
--EXPECT--
a value that is replaced takes the session along: false
a value that is removed: null
a value that is removed adds others: 100
all values of an application: ["app#more"]
a bag that gets another name: [null,64]
a bag that is cleared and gets another name, without a unique id: []
a bag whose place is taken: TypeError: Cannot assign array to reference held by property Typed::$number of type int
a bag whose place lets go of itself: []
a session in a typed property: {"app#b":2}
a collection that is emptied by what it replaces: []
a collection that is filled by what it removes: {"a":7}
a collection that is emptied while it is gone through: [50,0]
a key that empties the session: ["app#key"]
