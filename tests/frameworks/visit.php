<?php
// Visits the site of one recipe, looks into its store, and prints a line for each check:
//
//     php visit.php FOLDER ADDRESS
//
// FOLDER is what prepare.php made. It leaves FOLDER/version, if the application told one.

declare(strict_types=1);

require __DIR__ . '/../../examples/shop/visit/client.php';
require __DIR__ . '/../../examples/shop/visit/window.php';

[, $folder, $address] = $argv;
$name = basename($folder);
$recipe = (require __DIR__ . '/recipes.php')[$name];

/** Enough seconds for anything that is no waiting for a lock. */
const SOON = 10.0;
/** Enough for the other one of two requests to come, if nothing holds it. */
const AWHILE = 0.3;

function check(string $what, bool $holds, mixed $instead = null): void
{
    global $name;
    echo $holds ? 'PASS' : 'FAIL', " $name: $what", $holds || $instead === null ? '' : ', instead: ' . json_encode($instead), "\n";
}

/** What a page says. */
function said(Answer $answer): array
{
    return json_decode($answer->body, true) ?? ['status' => $answer->status, 'body' => substr($answer->body, 0, 300)];
}

/** What the store holds of that id, looked at without the extension; null for nothing. */
function record(string $id): ?array
{
    global $folder, $recipe;
    static $window = null;
    if (isset($recipe['record'])) {
        clearstatcache();
        return is_file(strtr(sprintf($recipe['record'], $id), ['/var/lib/app' => "$folder/var"])) ? [] : null;
    }
    if ($window === null) {
        $page = implode("\n", array_map('file_get_contents', glob("$folder/page/{,.}[!.]*", GLOB_BRACE)));
        preg_match('~\b(?:files|sqlite|redis)://[^"\'\s]+~', $page, $dsn);
        $window = window($dsn[0]);
    }
    return $window->sessions()[$id] ?? null;
}

$ada = new Client($address, null, 'shop');
$first = said($ada->get('/show'));
check('a visitor begins with nothing', ($first['count'] ?? null) === 0, $first);
$version = $first['version'] ?? null;
if ($version !== null) {
    file_put_contents("$folder/version", $version);
}
$ada->get('/add');
$second = said($ada->get('/add'));
check('the session survives between requests', ($second['count'] ?? null) === 2, $second);
$id = (string) $ada->id();
$record = record($id);
check('it is stored by Seshat', $id !== '' && $record !== null, $id === '' ? 'no cookie' : 'no record');
if (isset($recipe['lifetime'])) {
    $lives = $record['expires'] ?? null;
    check('for its lifetime', $lives > $recipe['lifetime'] - 100 && $lives <= $recipe['lifetime'], $lives);
}
$other = said((new Client($address, null, 'shop'))->get('/add'));
check('another visitor has a session of his own', ($other['count'] ?? null) === 1, $other);

$wait = fn (array $pages) => [array_column($pages, 'met'), (said($ada->get('/show'))['count'] ?? null) - 2];
if ($recipe['locks'] ?? true) {
    // Who holds the lock waits a while for the other one, which must not come.
    $both = $wait(array_map('said', $ada->getAtOnce(2, '/add?wait=' . AWHILE)));
    check('two requests at once lose no update', $both === [[false, false], 2], $both);
} else {
    // Each waits until the other is there: the page says so, and that it costs an update.
    $both = $wait(array_map('said', $ada->getAtOnce(2, '/add?wait=' . SOON)));
    check('two requests at once lose one of two updates, as the page says', $both === [[true, true], 1], $both);
    array_map('unlink', glob("$folder/meeting/*"));
    $both = $wait(array_map('said', $ada->getAtOnce(2, '/basket/add?wait=' . AWHILE)));
    check("two requests under the framework's own lock lose none", $both === [[false, false], 3], $both);
}

// An id that somebody made up; a cookie of the application's own format cannot be checked that way.
if ($recipe['locks'] ?? true) {
    $forged = str_repeat('f0', 16);
    for ($i = 0, $began = microtime(true); $i < 2; $i++) {
        $forger = new Client($address, $forged, 'shop');
        $forger->get('/add');
    }
    check('an id that was made up is not taken over', !in_array($forger->id(), [null, $forged], true) && record($forged) === null, $forger->id());
    check('nor is it left locked', microtime(true) - $began < SOON);
    check('the session that it got instead is stored', record((string) $forger->id()) !== null);
}

$before = said($ada->get('/show'))['count'] ?? null;
$old = $id;
$ada->get('/enter');
$id = (string) $ada->id();
$after = said($ada->get('/show'))['count'] ?? null;
check('logging in keeps the session under another id', $id !== $old && $after === $before && record($id) !== null, [$before, $after]);
check('and removes the old one', record($old) === null);

$ada->get('/leave');
check('leaving removes the session', record($id) === null);
$thief = said((new Client($address, $id, 'shop'))->get('/show'));
check('its id opens nothing any more', ($thief['count'] ?? null) === 0, $thief);
