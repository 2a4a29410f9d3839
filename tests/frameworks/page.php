<?php
// Reads docs/frameworks.md: the blocks that have a name, and what each section says of its tests.

declare(strict_types=1);

final class Section
{
    /** @var array<string, array<string, string>> text by recipe and file */
    public array $blocks = [];
    /** The sentence about the tests, without its first words; null for none. */
    public ?string $runs = null;
    /** Whether that sentence says that they do not run it. */
    public bool $isLeftOut = false;

    public function __construct(public readonly string $heading)
    {
    }
}

/** @return list<Section> */
function sections(string $path): array
{
    $sections = [];
    $section = new Section('');
    $lines = file($path, FILE_IGNORE_NEW_LINES);
    for ($i = 0; $i < count($lines); $i++) {
        if (preg_match('/^( *)```(\S*) ?(.*)$/', $lines[$i], $fence)) {
            [, $indent, , $name] = $fence;
            $text = '';
            while (++$i < count($lines) && rtrim($lines[$i]) !== "$indent```") {
                $text .= preg_replace("/^$indent/", '', $lines[$i]) . "\n";
            }
            if ($name !== '') {
                [$recipe, $file] = explode('/', $name, 2);
                $section->blocks[$recipe][$file] = $text;
            }
        } elseif (preg_match('/^#+ (.*)/', $lines[$i], $heading)) {
            $sections[] = $section = new Section($heading[1]);
        } elseif (preg_match('/^\*(Run|Not run) by the tests:? (.*)\.\*$/', $lines[$i], $mark)) {
            $section->isLeftOut = $mark[1] === 'Not run';
            $section->runs = $mark[2];
        }
    }
    return $sections;
}
