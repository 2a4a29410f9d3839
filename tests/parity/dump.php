<?php
// Prints every class as PHP's reflection sees it, in one form for both sides of the comparison:
//
//     php -n -d extension=build/seshat.so tests/parity/dump.php          what the extension declares
//     php -n tests/parity/dump.php php-stubs                             what the stubs declare
//
// Everything that a caller or a subclass can notice is there: parents, interfaces, constants,
// properties, methods, parameters with types, defaults and attributes. Order is that of names.

declare(strict_types=1);

/** @return list<string> the classes of a folder of stubs, loaded; a file holds the class that its path names */
function stubs(string $folder): array
{
    $folder = rtrim($folder, '/');
    $load = static function (string $class) use ($folder): void {
        $file = $folder . '/' . strtr($class, '\\', '/') . '.php';
        if (is_file($file)) {
            require $file;
        }
    };
    spl_autoload_register($load);
    $classes = [];
    $files = new RecursiveIteratorIterator(new RecursiveDirectoryIterator($folder, FilesystemIterator::SKIP_DOTS));
    foreach ($files as $file) {
        if ($file->getExtension() !== 'php') {
            continue;
        }
        $class = strtr(substr($file->getPathname(), strlen($folder) + 1, -4), '/', '\\');
        $before = [...get_declared_classes(), ...get_declared_interfaces()];
        if (!class_exists($class) && !interface_exists($class)) {
            throw new LogicException("{$file->getPathname()} does not declare $class");
        }
        // Parents come along, each from a file of its own.
        $new = array_diff([...get_declared_classes(), ...get_declared_interfaces()], $before);
        foreach ($new as $other) {
            // A second name comes in lower case.
            $other = (new ReflectionClass($other))->getName();
            if (!is_file($folder . '/' . strtr($other, '\\', '/') . '.php')) {
                throw new LogicException("{$file->getPathname()} declares $other too");
            }
        }
        $classes[] = $class;
    }
    return $classes;
}

function value(mixed $value): string
{
    return match (true) {
        $value === [] => '[]',
        is_array($value) => json_encode($value, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE),
        $value === null => 'null',
        default => var_export($value, true),
    };
}

function typed(?ReflectionType $type): string
{
    return $type === null ? '' : "$type ";
}

function parameter(ReflectionParameter $parameter): string
{
    $text = '';
    foreach ($parameter->getAttributes() as $attribute) {
        $text .= "#[\\{$attribute->getName()}] ";
    }
    $text .= typed($parameter->getType());
    $text .= $parameter->isPassedByReference() ? '&' : '';
    $text .= $parameter->isVariadic() ? '...' : '';
    $text .= '$' . $parameter->getName();
    if ($parameter->isDefaultValueAvailable()) {
        $text .= ' = ' . value($parameter->getDefaultValue());
    } elseif ($parameter->isOptional() && !$parameter->isVariadic()) {
        $text .= ' = (unknown)';
    }
    return $text;
}

function method(ReflectionMethod $method): string
{
    $modifiers = implode(' ', Reflection::getModifierNames($method->getModifiers()));
    $returns = $method->getReturnType() ?? $method->getTentativeReturnType();
    return "$modifiers function " . ($method->returnsReference() ? '&' : '') . $method->getName()
        . '(' . implode(', ', array_map(parameter(...), $method->getParameters())) . ')'
        . ($returns === null ? '' : ": $returns")
        . ($method->isDeprecated() ? ' (deprecated)' : '');
}

/** @return list<string> a heading at the left and one line for each member */
function describe(string $name): array
{
    $class = new ReflectionClass($name);
    $kind = match (true) {
        $class->isInterface() => 'interface',
        $class->isTrait() => 'trait',
        $class->isEnum() => 'enum',
        default => ($class->isFinal() ? 'final ' : '') . ($class->isAbstract() ? 'abstract ' : '') . 'class',
    };
    $interfaces = $class->getInterfaceNames();
    sort($interfaces);
    $lines = [];
    foreach ($class->getReflectionConstants() as $constant) {
        if ($constant->getDeclaringClass()->getName() === $name) {
            $modifiers = implode(' ', Reflection::getModifierNames($constant->getModifiers()));
            $lines[] = "    $modifiers const {$constant->getName()} = " . value($constant->getValue());
        }
    }
    foreach ($class->getProperties() as $property) {
        if ($property->getDeclaringClass()->getName() === $name) {
            $modifiers = implode(' ', Reflection::getModifierNames($property->getModifiers()));
            $lines[] = "    $modifiers " . typed($property->getType()) . "\${$property->getName()}"
                . ($property->hasDefaultValue() ? ' = ' . value($property->getDefaultValue()) : '');
        }
    }
    foreach ($class->getMethods() as $method) {
        if ($method->getDeclaringClass()->getName() === $name) {
            $lines[] = '    ' . method($method);
        }
    }
    sort($lines);
    $heading = [
        "$kind {$class->getName()}",
        '    extends ' . ($class->getParentClass() ? $class->getParentClass()->getName() : '(nothing)'),
        '    implements ' . (implode(', ', $interfaces) ?: '(nothing)'),
    ];
    return [...$heading, ...$lines];
}

if (isset($argv[1])) {
    $classes = stubs($argv[1]);
} elseif (extension_loaded('seshat')) {
    $extension = new ReflectionExtension('seshat');
    $classes = $extension->getClassNames();
    foreach (ini_get_all('seshat') as $name => $setting) {
        echo "setting $name\n    default ", var_export((string) $setting['global_value'], true), "\n";
    }
    foreach ($extension->getFunctions() as $function) {
        echo "function {$function->getName()}\n    has no place among the stubs yet\n";
    }
} else {
    fwrite(STDERR, "The extension seshat is not loaded; name a folder of stubs, or load it.\n");
    exit(2);
}
sort($classes);
foreach ($classes as $class) {
    echo implode("\n", describe($class)), "\n";
}
