--TEST--
Seshat\Handler keeps PHP's three session interfaces
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

$class = new ReflectionClass('Seshat\Handler');
$interfaces = $class->getInterfaceNames();
sort($interfaces);
echo implode("\n", $interfaces), "\n";
says('final', $class->isFinal());
says('instantiable', $class->isInstantiable());
foreach ($class->getConstructor()->getParameters() as $parameter) {
    says("\${$parameter->name} is kept out of traces", $parameter->getAttributes('SensitiveParameter') !== []);
}
says('the exception is a RuntimeException', is_subclass_of('Seshat\Exception', 'RuntimeException'));
--EXPECT--
SessionHandlerInterface
SessionIdInterface
SessionUpdateTimestampHandlerInterface
final: no
instantiable: yes
$dsn is kept out of traces: yes
$options is kept out of traces: yes
the exception is a RuntimeException: yes
