--TEST--
Whatever is done to an object of any class, constructed or not, ends in a value or an exception
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
memory_limit=256M
--FILE--
<?php
// Every class of the extension, also those that will be added. What a method says is no matter here;
// that the process goes on is. The session functions run into each other, so that warnings are many.
require __DIR__ . '/../include/face.inc';

ini_set('session.save_path', Face::scratch());
error_reporting(0);
ob_start();

// It has every method.
$anything = new class {
    public function __call(string $name, array $arguments): mixed
    {
        return $arguments;
    }
};
$argument = function (?ReflectionType $type, int $round) use ($anything): mixed {
    $names = $type instanceof ReflectionUnionType ? array_map(strval(...), $type->getTypes()) : [ltrim((string) $type, '?')];
    $samples = ['string' => ['', 'abc', "a\0b/../c", str_repeat('x', 300)], 'int' => [0, -1, PHP_INT_MAX, 1], 'bool' => [true, false],
        'array' => [[], ['a' => 1], [[[]]], ['lifetime' => 'x']], 'callable' => ['strlen'], 'object' => [new stdClass, $anything], 'float' => [1.5]];
    $of = $samples[$names[0]] ?? ['abc', null, [], new stdClass, 1.5];
    return $of[$round % count($of)];
};
$try = function (callable $do): void {
    try {
        $do();
    } catch (Throwable) {
    }
};
// What the constructors of some classes want.
$wanted = ['Seshat\Handler' => ['memory:'], 'Seshat\Lock' => ['memory:', ['lock_wait' => 0]]];
foreach (['Cache', 'SimpleCache', 'DoctrineCache'] as $kind) {
    $wanted["Nofw\\Session\\{$kind}SessionHandler"] = [$anything, $anything, ['lock' => new Seshat\Lock(...$wanted['Seshat\Lock'])]];
}
$calls = 0;
foreach ((new ReflectionExtension('seshat'))->getClasses() as $class) {
    if (!$class->isInstantiable() && !$class->isAbstract() || $class->isInterface()) {
        continue;
    }
    $name = $class->getName();
    if ($class->isAbstract()) {
        // A child that implements whatever is missing.
        $missing = '';
        foreach ($class->getMethods(ReflectionMethod::IS_ABSTRACT) as $method) {
            $parameters = implode(', ', array_map(fn ($p) => ($p->hasType() ? $p->getType() . ' ' : '') . '$' . $p->getName() . ($p->isOptional() ? ' = ' . var_export($p->isDefaultValueAvailable() ? $p->getDefaultValue() : null, true) : ''), $method->getParameters()));
            $returns = $method->getReturnType() ?? $method->getTentativeReturnType();
            $missing .= implode(' ', array_diff(Reflection::getModifierNames($method->getModifiers()), ['abstract'])) . " function {$method->getName()}($parameters)" . ($returns ? ": $returns" : '')
                . ((string) $returns === 'void' ? ' {}' : ' { throw new LogicException; }');
        }
        $child = 'Child' . str_replace('\\', '_', $name);
        eval("class $child extends \\$name { public function __construct() {} $missing }");
        $class = new ReflectionClass($child);
    }
    for ($round = 0; $round < 8; $round++) {
        // PHP makes no object of a final class of an extension without its constructor.
        $object = null;
        $try(function () use (&$object, $class) { $object = $class->newInstanceWithoutConstructor(); });
        if ($round % 2 || !$object) {
            $arguments = array_map(fn ($p) => $argument($p->getType(), $round >> 1), $class->getConstructor()?->getParameters() ?? []);
            $arguments = $round > 4 ? $wanted[$name] ?? $arguments : $arguments;
            $try(function () use (&$object, $class, $arguments) { $object = $class->newInstanceArgs($arguments); });
        }
        if (!$object) {
            continue;
        }
        foreach ($class->getMethods() as $method) {
            if ($method->isStatic() && $method->getName() !== 'load' || $method->isAbstract() || $method->isConstructor() && $round < 4) {
                continue;
            }
            $required = $round < 4 ? $method->getNumberOfRequiredParameters() : $method->getNumberOfParameters();
            $arguments = array_map(fn ($p) => $argument($p->getType(), $round), array_slice($method->getParameters(), 0, $required));
            $method->setAccessible(true);
            $try(fn () => $method->invokeArgs($object, $arguments));
            $calls++;
        }
        $try(fn () => clone $object);
        $try(fn () => unserialize(serialize($object)));
        $try(fn () => var_export($object, true));
        $try(fn () => print_r($object, true));
        $try(fn () => json_encode($object));
        $try(fn () => [(array) $object, (bool) $object, $object == clone $object, $object <=> new stdClass]);
        $try(fn () => isset($object['a'], $object->a));
        $try(function () use ($object) { $object['a'] = 1; });
        $try(function () use ($object) { unset($object['a']); });
        $try(function () use ($object) { $object->undeclared = 1; unset($object->undeclared, $object->adapter, $object->data, $object->options); });
        $try(function () use ($object) { foreach ($object as $value) { unset($object->data); } });
        $try(fn () => count($object));
        // Declared properties of another type, as a subclass could leave them.
        foreach ($class->getProperties() as $property) {
            $property->setAccessible(true);
            $try(fn () => $property->setValue($object, $round & 1 ? 5 : new stdClass));
        }
        foreach ($class->getMethods() as $method) {
            if (!$method->isStatic() && !$method->isAbstract() && !$method->isConstructor()) {
                $arguments = array_map(fn ($p) => $argument($p->getType(), $round), array_slice($method->getParameters(), 0, $method->getNumberOfRequiredParameters()));
                $try(fn () => $method->invokeArgs($object, $arguments));
            }
        }
        unset($object);
        session_status() === PHP_SESSION_ACTIVE and session_abort();
    }
    gc_collect_cycles();
}
ob_end_clean();
echo $calls > 500 ? "went on\n" : "only $calls calls\n";
?>
--EXPECT--
went on
