--TEST--
The family nofw alone: its classes, and nobody else's
--INI--
seshat.families=nofw
--FILE--
<?php
foreach (['Nofw\Session\CacheSessionHandler', 'Nofw\Session\SimpleCacheSessionHandler', 'Nofw\Session\DoctrineCacheSessionHandler', 'Seshat\Lock', 'Phalcon\Session\Manager'] as $class) {
    echo $class, ': ', class_exists($class) ? 'there' : 'not there', "\n";
}
ob_start();
(new ReflectionExtension('seshat'))->info();
preg_match_all('/^Classes of .*$/m', ob_get_clean(), $states);
echo implode("\n", preg_grep('/nofw|seshat /', $states[0])), "\n";
// It works without the others, also when it is told wrong things.
$cache = new class () {
    public array $data = [];

    public function get($key)
    {
        return $this->data[$key] ?? null;
    }

    public function set($key, $value)
    {
        $this->data[$key] = $value;
        return true;
    }

    public function delete($key)
    {
        return true;
    }
};
$handler = new Nofw\Session\SimpleCacheSessionHandler($cache);
var_dump($handler->write('id', 'data'), $handler->read('id'));
try {
    new Nofw\Session\SimpleCacheSessionHandler($cache, null, ['lock' => $cache]);
} catch (ValueError $error) {
    echo $error->getMessage(), "\n";
}
--EXPECT--
Nofw\Session\CacheSessionHandler: there
Nofw\Session\SimpleCacheSessionHandler: there
Nofw\Session\DoctrineCacheSessionHandler: there
Seshat\Lock: not there
Phalcon\Session\Manager: not there
Classes of seshat => not selected (seshat.families)
Classes of nofw => enabled
bool(true)
string(4) "data"
Nofw\Session\SimpleCacheSessionHandler::__construct(): Argument #3 ($options) is not valid: option "lock" must be a Seshat\Lock, class@anonymous given
