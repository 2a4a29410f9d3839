--TEST--
Properties that a subclass unset, bound by reference or that reflection spoilt
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; if (!class_exists('Phalcon\\Session\\Manager')) die('skip the family is not there'); ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

use Phalcon\Session\Adapter\Noop;
use Phalcon\Session\Manager;

final class Broken extends Manager
{
    public function container(): array
    {
        unset($this->container);
        $found = [$this->getDI()];
        $found[] = 'next';
        return $found;
    }
}
says('unset', (new Broken())->container() === [null, 'next']);

final class Prefixed extends Noop
{
    public function without(): string
    {
        unset($this->prefix, $this->options);
        return $this->getPrefixedName('x');
    }

    public function bound(): array
    {
        $prefix = &$this->prefix;
        $this->__construct(['prefix' => 'abc']);
        return [$prefix, $this->prefix, $this->getPrefixedName('x')];
    }
}
says('unset', (new Prefixed())->without());
says('bound', (new Prefixed())->bound() === ['abc', 'abc', 'abcx']);

$manager = new Manager(['uniqueId' => 'u']);
foreach (['options', 'uniqueId', 'name'] as $name) {
    (new ReflectionProperty(Manager::class, $name))->setValue($manager, 5);
}
says('spoilt', [$manager->getOptions(), $manager->getName(), $manager->get('x')] === [[], session_name(), null]);
--EXPECT--
unset: yes
unset: 'x'
bound: yes
spoilt: yes
