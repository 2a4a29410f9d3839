--TEST--
Classes written for Phalcon 3 compile and work: no types, parent:: everywhere
--SKIPIF--
<?php require __DIR__ . '/../include/skip-without-redis.inc'; if (!class_exists('Phalcon\\Session\\Adapter\\Redis')) die('skip the family is not there'); ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';
ob_start();

// What applications override, as they wrote it: without types, some of the parameters renamed.
trait Overrides
{
    public $calls = [];

    public function start()
    {
        $this->calls[] = 'start';
        return parent::start();
    }

    public function get($index, $defaultValue = null, $remove = false)
    {
        $this->calls[] = "get $index";
        return parent::get($index, $defaultValue, $remove);
    }

    public function set($index, $value)
    {
        $this->calls[] = "set $index";
        parent::set($index, $value);
    }

    public function has($index)
    {
        return parent::has($index);
    }

    public function remove($index)
    {
        parent::remove($index);
    }

    public function destroy($sessionId = null)
    {
        $this->calls[] = 'destroy ' . (is_string($sessionId) ? 'an id' : json_encode($sessionId));
        return parent::destroy($sessionId);
    }

    public function getId()
    {
        return parent::getId();
    }

    public function regenerateId($deleteOldSession = true)
    {
        return parent::regenerateId($deleteOldSession);
    }

    public function setOptions(array $options)
    {
        parent::setOptions($options);
    }

    public function isStarted()
    {
        return parent::isStarted();
    }

    protected function removeSessionData()
    {
        $this->calls[] = 'remove data';
        parent::removeSessionData();
    }

    public function __get($index)
    {
        return parent::__get($index);
    }

    public function __set($index, $value)
    {
        parent::__set($index, $value);
    }

    public function __destruct()
    {
        parent::__destruct();
    }

    public function tells()
    {
        return [$this->_uniqueId, $this->_started, array_key_exists('uniqueId', $this->_options)];
    }
}

class OfAdapter extends Phalcon\Session\Adapter
{
    use Overrides;

    public function __construct($options = null)
    {
        parent::__construct($options);
    }
}

class OfFiles extends Phalcon\Session\Adapter\Files
{
    use Overrides;

    public function __construct($options = null)
    {
        parent::__construct($options);
    }

    public function close()
    {
        return parent::close();
    }
}

class OfRedis extends Phalcon\Session\Adapter\Redis
{
    use Overrides;

    public function __construct(array $options = [])
    {
        parent::__construct($options);
    }

    public function read($sessionId)
    {
        $this->calls[] = 'read';
        return parent::read($sessionId);
    }

    public function write($sessionId, $data)
    {
        $this->calls[] = 'write';
        return parent::write($sessionId, $data);
    }
}

// From the ground up, over nothing but the interface.
class Own implements Phalcon\Session\AdapterInterface
{
    public function start() {}
    public function setOptions(array $options) {}
    public function getOptions() {}
    public function get($index, $defaultValue = null) {}
    public function set($index, $value) {}
    public function has($index) {}
    public function remove($index) {}
    public function getId() {}
    public function isStarted() {}
    public function destroy($removeData = null) {}
    public function regenerateId($deleteOldSession = true) {}
    public function setName($name) {}
    public function getName() {}
}

// An add-on of its time: it registers its own methods and never calls the parent's constructor.
class AddOn extends Phalcon\Session\Adapter implements SessionHandlerInterface
{
    public static array $kept = [];

    public function __construct($options = null)
    {
        session_set_save_handler($this, true);
    }

    #[ReturnTypeWillChange]
    public function open($path, $name)
    {
        return $this->_started = true;
    }

    #[ReturnTypeWillChange]
    public function close()
    {
        return true;
    }

    #[ReturnTypeWillChange]
    public function read($id)
    {
        return self::$kept[$id] ?? '';
    }

    #[ReturnTypeWillChange]
    public function write($id, $data)
    {
        self::$kept[$id] = $data;
        return true;
    }

    #[ReturnTypeWillChange]
    public function gc($max)
    {
        return true;
    }

    #[ReturnTypeWillChange]
    public function destroy($id = null)
    {
        if ($id === null) {
            return parent::destroy();
        }
        unset(self::$kept[$id]);
        return true;
    }
}

$folder = Face::scratch();
ini_set('session.save_path', $folder);
$server = ['port' => (int) getenv('SESHAT_REDIS_PORT'), 'prefix' => basename($folder)];
foreach ([OfAdapter::class => [], OfFiles::class => [], OfRedis::class => $server] as $class => $options) {
    $session = new $class(['uniqueId' => 'app'] + $options);
    echo "$class:\n";
    says('starts', [$session->start(), $session->tells()] === [true, ['app', true, true]]);
    $session->set('a', 1);
    $session->b = 2;
    says('gets', [$session->get('a'), $session->b, $session->has('c'), $session->get('c', 3)] === [1, 2, false, 3]);
    $session->remove('a');
    says('session', $_SESSION);
    $id = $session->getId();
    says('another id', $session->regenerateId() === $session && $session->getId() !== $id);
    says('session', $_SESSION);
    says('destroys', [$session->destroy(), session_status() === PHP_SESSION_ACTIVE, $session->isStarted()] === [true, false, false]);
    echo 'calls: ', implode(', ', $session->calls), "\n";
}
new Own();
$addOn = new AddOn();
says('an add-on starts', $addOn->start());
$addOn->set('a', 1);
session_write_close();
says('keeps', array_values(AddOn::$kept));
session_start();
says('and destroys', [$addOn->destroy(), AddOn::$kept] === [true, []]);
--EXPECT--
OfAdapter:
starts: yes
gets: yes
session: array (
  'app#b' => 2,
)
another id: yes
session: array (
  'app#b' => 2,
)
destroys: yes
calls: start, set a, set b, get a, get b, get c, destroy null
OfFiles:
starts: yes
gets: yes
session: array (
  'app#b' => 2,
)
another id: yes
session: array (
  'app#b' => 2,
)
destroys: yes
calls: start, set a, set b, get a, get b, get c, destroy null
OfRedis:
starts: yes
gets: yes
session: array (
  'app#b' => 2,
)
another id: yes
session: array (
  'app#b' => 2,
)
destroys: yes
calls: start, read, set a, set b, get a, get b, get c, destroy an id, read, destroy null, remove data, destroy an id
an add-on starts: yes
keeps: array (
  0 => 'a|i:1;',
)
and destroys: yes
