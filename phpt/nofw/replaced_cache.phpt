--TEST--
A cache that is let go while it works is held until it has answered
--FILE--
<?php
// The handler's own reference was the last one.
final class Leaving
{
    public static ?Nofw\Session\SimpleCacheSessionHandler $handler = null;
    private string $answer = 'the answer';

    public function __destruct()
    {
        $this->answer = 'gone';
        echo "gone\n";
    }

    public function get($key)
    {
        self::$handler->__construct(new self());
        gc_collect_cycles();
        return $this->answer;
    }

    public function set($key, $value)
    {
        return true;
    }

    public function delete($key)
    {
        (new ReflectionProperty(self::$handler, 'cache'))->setValue(self::$handler, null);
        return $this->answer === 'the answer';
    }
}
Leaving::$handler = new Nofw\Session\SimpleCacheSessionHandler(new Leaving());
var_dump(Leaving::$handler->read('id'));
var_dump(Leaving::$handler->destroy('id'));
try {
    Leaving::$handler->read('id');
} catch (Error $error) {
    echo $error->getMessage(), "\n";
}
// No item, and a method that is nobody else's to call.
$pool = new class {
    public function getItem($key)
    {
        return 'no item';
    }

    public function save($item)
    {
    }

    private function deleteItem($key)
    {
    }
};
$handler = new Nofw\Session\CacheSessionHandler($pool);
var_dump($handler->write('id', 'data'));
try {
    $handler->destroy('id');
} catch (Error $error) {
    echo get_class($error), "\n";
}
--EXPECT--
gone
string(10) "the answer"
gone
bool(true)
Call to a member function get() on null
bool(false)
Error
