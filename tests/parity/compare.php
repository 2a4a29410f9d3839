<?php
// Compares two dumps of dump.php, class by class: what the extension declares and what the stubs say.
// Settings of the extension are looked for in its documentation. What PHP said while it loaded the
// extension (run-tests.php does not show that) must be nothing. Closes with totals.

declare(strict_types=1);

/** @return array<string, list<string>> the lines of each class, by its name without "abstract class" */
function blocks(string $file): array
{
    $blocks = [];
    $name = null;
    foreach (file($file, FILE_IGNORE_NEW_LINES) as $line) {
        if ($line !== '' && $line[0] !== ' ') {
            $words = explode(' ', $line);
            $name = ($words[0] === 'setting' ? 'setting ' : '') . end($words);
        }
        $blocks[$name][] = $line;
    }
    return $blocks;
}

[, $extension, $said, $stubs, $documentation] = $argv;
$declared = blocks($extension);
$documented = blocks($stubs);
$text = file_get_contents($documentation);
$passed = $failed = 0;

function check(string $name, array $faults): void
{
    global $passed, $failed;
    if ($faults === []) {
        echo "PASS $name\n";
        $passed++;
    } else {
        echo "FAIL $name\n", implode("\n", $faults), "\n";
        $failed++;
    }
}

check('startup without a word', array_map(static fn ($line) => "    $line", array_filter(file($said, FILE_IGNORE_NEW_LINES))));

$names = array_unique([...array_keys($declared), ...array_keys($documented)]);
sort($names);
foreach ($names as $name) {
    if (str_starts_with($name, 'setting ')) {
        $setting = substr($name, strlen('setting '));
        $faults = str_contains($text, "`$setting`") ? [] : ["    is not in $documentation"];
    } elseif (!isset($documented[$name])) {
        $faults = ['    has no stub; `make stubs` writes a first one'];
    } elseif (!isset($declared[$name])) {
        $faults = ['    is a stub without a class: the extension was built without its store, or it is gone'];
    } else {
        $faults = [
            ...array_map(static fn ($line) => "-$line", array_values(array_diff($declared[$name], $documented[$name]))),
            ...array_map(static fn ($line) => "+$line", array_values(array_diff($documented[$name], $declared[$name]))),
        ];
        if ($faults !== []) {
            array_unshift($faults, '    - the extension, + the stub');
        }
    }
    check($name, $faults);
}
echo "$passed passed, $failed failed, 0 skipped\n";
exit($failed === 0 && $passed > 0 ? 0 : 1);
