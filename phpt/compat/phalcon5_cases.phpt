--TEST--
What Phalcon 5's own tests ask of the manager and the adapters, beyond those of 4
--SKIPIF--
<?php require __DIR__ . '/../include/skip-without-redis.inc'; if (!class_exists('Phalcon\\Session\\Adapter\\Redis')) die('skip the family is not there'); ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

use Phalcon\Session\Adapter\{Noop, Redis, Stream};
use Phalcon\Session\Exceptions\{InvalidSessionAdapter, InvalidSessionId, InvalidSessionName, SessionAlreadyStarted, SessionModificationDenied};
use Phalcon\Session\Manager;
use Phalcon\Storage\{AdapterFactory, SerializerFactory};

ob_start();
$folder = Face::scratch();
$prefix = 'p' . bin2hex(random_bytes(8)) . '-';
$redis = fn (array $options = []) => new Redis(new AdapterFactory(new SerializerFactory()), $options + ['port' => (int) getenv('SESHAT_REDIS_PORT'), 'prefix' => $prefix]);
$adapters = ['Noop' => new Noop(), 'Stream' => new Stream(['savePath' => $folder]), 'Redis' => $redis()];
$raised = function (callable $do): string {
    try {
        $do();
        return 'nothing';
    } catch (Phalcon\Session\Exception $e) {
        return (new ReflectionClass($e))->getShortName() . ': ' . $e->getMessage();
    }
};

foreach ($adapters as $name => $adapter) {
    echo "-- $name\n";
    $keeps = $name !== 'Noop';
    says('is a handler', $adapter instanceof SessionHandlerInterface && $adapter instanceof SessionUpdateTimestampHandlerInterface);
    says('open, close', [$adapter->open('any', 'any'), $adapter->close()]);
    says('validateId of what is not there', $adapter->validateId('nobody') === !$keeps);
    says('destroy of what is not there', $adapter->destroy('nobody'));
    says('write, validateId', $adapter->write('one', 'a|i:1;') && $adapter->validateId('one'));
    says('updateTimestamp', $adapter->updateTimestamp('one', 'a|i:1;') && $adapter->read('one') === ($keeps ? 'a|i:1;' : ''));
    says('destroy, read', $adapter->destroy('one') && $adapter->read('one') === '');
    says('gc', $adapter->gc(1440) !== false);
}

echo "-- an id that begins with the prefix is another session\n";
$adapters['Redis']->write('one', 'a|i:1;');
$adapters['Redis']->write("{$prefix}one", 'a|i:2;');
says('one', $adapters['Redis']->read('one'));
says('the other', $adapters['Redis']->read("{$prefix}one"));

// Phalcon takes it for an empty session, and stores over what was there.
echo "-- a file that cannot be read is no empty session\n";
mkdir("$folder/isafolder");
says('read', preg_replace('/ at .*:/', ':', $raised(fn () => $adapters['Stream']->read('isafolder'))));

echo "-- the manager\n";
$late = new class extends Manager {
    protected function phpHeadersSent(): bool
    {
        return true;
    }
};
says('headers were sent', $late->start());
says('no adapter', $raised(fn () => (new Manager())->start()));
says('id', $raised(fn () => (new Manager())->setId("a\nb")));
says('id', $raised(fn () => (new Manager())->setId('../a')));
says('name', $raised(fn () => (new Manager())->setName('session name!')));
says('name', $raised(fn () => (new Manager())->setName('12345')));
ini_set('session.use_cookies', '1');
foreach (['valid' => true, 'with,and-' => true, './invalid' => false, 'a b' => false, '' => false] as $cookie => $stays) {
    $_COOKIE['PHPSESSID'] = $cookie;
    $manager = (new Manager())->setAdapter($adapters['Stream']);
    $manager->start();
    says("the cookie '$cookie'", isset($_COOKIE['PHPSESSID']) === $stays && ($manager->getId() === $cookie) === $stays);
    if ($cookie === 'valid') {
        says('id after start', $raised(fn () => $manager->setId('x')));
        says('name after start', $raised(fn () => $manager->setName('x')));
        says('set', $manager->set('k', 0) ?? $manager->get('k', 'default', true));
        says('removed', $manager->get('k', 'default'));
    }
    $manager->destroy();
}
says('get without a session', $manager->get('k', 'default'));
?>
--EXPECT--
-- Noop
is a handler: yes
open, close: array (
  0 => true,
  1 => true,
)
validateId of what is not there: yes
destroy of what is not there: yes
write, validateId: yes
updateTimestamp: yes
destroy, read: yes
gc: yes
-- Stream
is a handler: yes
open, close: array (
  0 => true,
  1 => true,
)
validateId of what is not there: yes
destroy of what is not there: yes
write, validateId: yes
updateTimestamp: yes
destroy, read: yes
gc: yes
-- Redis
is a handler: yes
open, close: array (
  0 => true,
  1 => true,
)
validateId of what is not there: yes
destroy of what is not there: yes
write, validateId: yes
updateTimestamp: yes
destroy, read: yes
gc: yes
-- an id that begins with the prefix is another session
one: 'a|i:1;'
the other: 'a|i:2;'
-- a file that cannot be read is no empty session
read: 'Exception: files read: the session\'s file is not a regular file'
-- the manager
headers were sent: no
no adapter: 'InvalidSessionAdapter: The session adapter is not valid'
id: 'InvalidSessionId: The session id contains invalid characters'
id: 'InvalidSessionId: The session id contains invalid characters'
name: 'InvalidSessionName: The name contains non alphanum characters'
name: 'InvalidSessionName: The name contains non alphanum characters'
the cookie 'valid': yes
id after start: 'SessionAlreadyStarted: The session has already been started. To change the id, use regenerateId()'
name after start: 'SessionModificationDenied: Cannot set session name after a session has started'
set: 0
removed: 'default'
the cookie 'with,and-': yes
the cookie './invalid': yes
the cookie 'a b': yes
the cookie '': yes
get without a session: NULL
