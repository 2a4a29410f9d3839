<?php
// Writes a first stub for each class of the extension that has none: signatures from reflection,
// comments to be filled in. Stubs that exist are left alone.
//
//     php -n -d extension=build/seshat.so tools/stubs.php [FOLDER]        default: php-stubs
//     php -n -d extension=build/seshat.so tools/stubs.php --print CLASS   to the terminal instead

declare(strict_types=1);

const MISSING = "throw new \\LogicException('The PHP extension \"seshat\" is not loaded.');";

function literal(mixed $value): string
{
    return match (true) {
        $value === [] => '[]',
        $value === null => 'null',
        default => var_export($value, true),
    };
}

/** A type with its classes named from the root, or as they are called in the stub's own namespace. */
function spelled(?ReflectionType $type): string
{
    if ($type === null) {
        return '';
    }
    if ($type instanceof ReflectionUnionType) {
        return implode('|', array_map(spelled(...), $type->getTypes()));
    }
    assert($type instanceof ReflectionNamedType);
    $name = $type->getName();
    $plain = $type->isBuiltin() || in_array($name, ['static', 'self'], true);
    $null = $type->allowsNull() && !in_array($name, ['null', 'mixed'], true) ? '?' : '';
    return $null . ($plain ? $name : "\\$name");
}

function signature(ReflectionMethod $method, bool $inInterface): string
{
    $parameters = [];
    foreach ($method->getParameters() as $parameter) {
        $attributes = implode('', array_map(static fn ($a) => "#[\\{$a->getName()}] ", $parameter->getAttributes()));
        $parameters[] = $attributes . ltrim(spelled($parameter->getType()) . ' ')
            . ($parameter->isPassedByReference() ? '&' : '') . ($parameter->isVariadic() ? '...' : '') . "\${$parameter->getName()}"
            . ($parameter->isDefaultValueAvailable() ? ' = ' . literal($parameter->getDefaultValue()) : '');
    }
    $modifiers = $method->getModifiers() & ~($inInterface ? ReflectionMethod::IS_ABSTRACT : 0);
    $returns = spelled($method->getReturnType());
    return implode(' ', Reflection::getModifierNames($modifiers)) . " function {$method->getName()}("
        . implode(', ', $parameters) . ')' . ($returns === '' ? '' : ": $returns");
}

function stub(ReflectionClass $class): string
{
    $name = $class->getName();
    $own = static fn ($member) => $member->getDeclaringClass()->getName() === $name;
    $kind = $class->isInterface() ? 'interface' : ($class->isFinal() ? 'final ' : '') . ($class->isAbstract() ? 'abstract ' : '') . 'class';
    $parent = $class->getParentClass();
    $inherited = $parent ? $parent->getInterfaceNames() : [];
    $interfaces = array_map(static fn ($i) => "\\$i", array_diff($class->getInterfaceNames(), $inherited));
    $text = "<?php\n\nnamespace {$class->getNamespaceName()};\n\n/**\n * (What it is for is to be written here.)\n */\n$kind {$class->getShortName()}"
        . ($parent ? " extends \\{$parent->getName()}" : '')
        . ($interfaces === [] ? '' : ($class->isInterface() ? ' extends ' : ' implements ') . implode(', ', $interfaces)) . "\n{\n";
    $members = [];
    foreach (array_filter($class->getReflectionConstants(), $own) as $constant) {
        $modifiers = implode(' ', Reflection::getModifierNames($constant->getModifiers()));
        $members[] = "    /** (To be described.) */\n    $modifiers const {$constant->getName()} = " . literal($constant->getValue()) . ";\n";
    }
    foreach (array_filter($class->getProperties(), $own) as $property) {
        $modifiers = implode(' ', Reflection::getModifierNames($property->getModifiers()));
        $members[] = "    /** @var (to be described) */\n    $modifiers " . ltrim(spelled($property->getType()) . ' ') . "\${$property->getName()}"
            . ($property->hasDefaultValue() ? ' = ' . literal($property->getDefaultValue()) : '') . ";\n";
    }
    foreach (array_filter($class->getMethods(), $own) as $method) {
        $body = $method->isAbstract() ? ';' : "\n    {\n        " . MISSING . "\n    }";
        $members[] = "    /** (To be described.) */\n    " . signature($method, $class->isInterface()) . "$body\n";
    }
    return $text . implode("\n", $members) . "}\n";
}

if (!extension_loaded('seshat')) {
    fwrite(STDERR, "The extension seshat is not loaded.\n");
    exit(2);
}
if (($argv[1] ?? '') === '--print') {
    echo stub(new ReflectionClass($argv[2]));
    exit(0);
}
$folder = $argv[1] ?? __DIR__ . '/../php-stubs';
$written = 0;
foreach ((new ReflectionExtension('seshat'))->getClasses() as $class) {
    $file = $folder . '/' . strtr($class->getName(), '\\', '/') . '.php';
    if (is_file($file)) {
        continue;
    }
    if (!is_dir(dirname($file))) {
        mkdir(dirname($file), 0777, true);
    }
    file_put_contents($file, stub($class));
    echo "wrote $file: fill in its comments\n";
    $written++;
}
echo $written === 0 ? "every class has a stub\n" : "$written new\n";
