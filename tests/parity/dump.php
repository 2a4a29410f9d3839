<?php
// Prints classes as PHP sees them, in a form in which an extension's and a stub's can be compared:
//
//     php -d extension=... dump.php              the classes of the extension
//     php dump.php FOLDER                        the classes declared by the files in FOLDER

declare(strict_types=1);

function typed(?ReflectionType $type): string
{
    if ($type === null) {
        return '';
    }
    $text = (string) $type;
    // PHP writes the members of a union in an order of its own.
    $members = explode('|', $text);
    sort($members);
    return implode('|', $members);
}

function parameter(ReflectionParameter $parameter): string
{
    $text = $parameter->getAttributes(SensitiveParameter::class) !== [] ? '#[SensitiveParameter] ' : '';
    $text .= trim(typed($parameter->getType()) . ' ');
    $text .= ($text !== '' && !str_ends_with($text, ' ') ? ' ' : '') . ($parameter->isPassedByReference() ? '&' : '')
        . ($parameter->isVariadic() ? '...' : '') . "\${$parameter->name}";
    if ($parameter->isOptional() && !$parameter->isVariadic()) {
        $text .= ' = ' . ($parameter->isDefaultValueAvailable() ? json_encode($parameter->getDefaultValue()) : '?');
    }
    return $text;
}

function method(ReflectionMethod $method): string
{
    $text = implode(' ', Reflection::getModifierNames($method->getModifiers())) . " function {$method->name}("
        . implode(', ', array_map(parameter(...), $method->getParameters())) . ')';
    $type = $method->getReturnType() ?? $method->getTentativeReturnType();
    return $type === null ? $text : "$text: " . typed($type);
}

/** @return list<string> */
function members(ReflectionClass $class): array
{
    $lines = [];
    foreach ($class->getReflectionConstants() as $constant) {
        if ($constant->getDeclaringClass()->name === $class->name) {
            $lines[] = "const {$constant->name} = " . json_encode($constant->getValue());
        }
    }
    foreach ($class->getProperties() as $property) {
        if ($property->getDeclaringClass()->name === $class->name) {
            $default = $property->hasDefaultValue() ? ' = ' . json_encode($property->getDefaultValue()) : '';
            $lines[] = implode(' ', Reflection::getModifierNames($property->getModifiers())) . ' ' . ltrim(typed($property->getType()) . " \${$property->name}$default");
        }
    }
    foreach ($class->getMethods() as $method) {
        if ($method->getDeclaringClass()->name === $class->name) {
            $lines[] = method($method);
        }
    }
    sort($lines);
    return $lines;
}

function head(ReflectionClass $class): string
{
    $interfaces = $class->getInterfaceNames();
    sort($interfaces);
    return match (true) {
        $class->isInterface() => 'interface',
        $class->isFinal() => 'final class',
        $class->isAbstract() => 'abstract class',
        default => 'class',
    } . " {$class->name}" . ($class->getParentClass() ? " extends {$class->getParentClass()->name}" : '')
        . ($interfaces === [] ? '' : ' implements ' . implode(', ', $interfaces));
}

$folder = $argv[1] ?? null;
if ($folder === null) {
    $names = array_keys((new ReflectionExtension('seshat'))->getClasses());
} else {
    $before = [...get_declared_classes(), ...get_declared_interfaces()];
    // A stub may need another one as its parent: what is not there yet is loaded when it is asked for.
    spl_autoload_register(function (string $class) use ($folder): void {
        $path = "$folder/" . str_replace('\\', '/', $class) . '.php';
        is_file($path) && require_once $path;
    });
    foreach (new RegexIterator(new RecursiveIteratorIterator(new RecursiveDirectoryIterator($folder)), '/\.php$/') as $file) {
        require_once $file->getPathname();
    }
    $names = array_diff([...get_declared_classes(), ...get_declared_interfaces()], $before);
}
sort($names);
foreach ($names as $name) {
    $class = new ReflectionClass($name);
    echo head($class), "\n";
    foreach (members($class) as $member) {
        echo "    $member\n";
    }
}
