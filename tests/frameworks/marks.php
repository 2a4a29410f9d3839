<?php
// Holds what docs/frameworks.md says of its tests against what ran, one check for each section with recipes:
//
//     php marks.php FOLDER
//
// FOLDER/NAME/ran exists for each recipe that ran.

declare(strict_types=1);

require __DIR__ . '/page.php';

[, $scratch] = $argv;
$recipes = require __DIR__ . '/recipes.php';
$known = [];

function judge(string $section, ?string $complaint): void
{
    echo $complaint === null ? "PASS page: $section" : "FAIL page: $section: $complaint", "\n";
}

foreach (sections('docs/frameworks.md') as $section) {
    foreach (array_keys($section->blocks) as $name) {
        $known[] = $name;
        judge($section->heading, match (true) {
            !isset($recipes[$name]) => "no recipe \"$name\" is run by the tests",
            $section->runs === null || $section->isLeftOut => "it does not say that the tests run it",
            // The run has said aloud that it was left out.
            !is_file("$scratch/$name/ran") => null,
            default => disagreement($section->runs, sprintf(
                $recipes[$name]['runs'],
                is_file("$scratch/$name/version") ? file_get_contents("$scratch/$name/version") : '',
            )),
        });
    }
    if ($section->blocks === [] && $section->runs !== null && !$section->isLeftOut) {
        judge($section->heading, 'it says that the tests run it, and has nothing to run');
    }
}
foreach (array_diff(array_keys($recipes), $known) as $name) {
    judge($name, 'the page has no block of it');
}

/** A page that says "with Symfony 5.4 and 6.4" is right of either. */
function disagreement(string $says, string $ran): ?string
{
    $versions = preg_match('/^(.* )([\d.]+) and ([\d.]+)$/', $says, $part) ? [$part[1] . $part[2], $part[1] . $part[3]] : [$says];
    return in_array($ran, $versions, true) ? null : "it says \"$says\", and the tests ran it \"$ran\"";
}
