--TEST--
The samples of the documents run, twice, without a word of complaint
--SKIPIF--
<?php
require __DIR__ . '/../include/skip-without-redis.inc';
ob_start();
phpinfo(INFO_MODULES);
if (!preg_match('/^Stores => (?=.*sqlite)(?=.*redis)/m', ob_get_clean())) {
    die('skip this build has not all the stores that the documents use');
}
?>
--FILE--
<?php
// Each block of PHP, and each of php.ini that names the save handler, is a sample: run as it stands,
// but for the places where things are kept. The second run finds what the first one has stored.
require __DIR__ . '/../include/face.inc';
require __DIR__ . '/../include/sample.inc';

$root = dirname(__DIR__, 2);
$scratch = Face::scratch();
mkdir("$scratch/sessions");
$places = ['/var/lib/app' => $scratch, '127.0.0.1:6379' => '127.0.0.1:' . getenv('SESHAT_REDIS_PORT'), '6379' => getenv('SESHAT_REDIS_PORT')];
$sample = new Sample($scratch, $places);
// The same visitor the second time, without a cookie. In strict mode the id is PHP's choice.
$begin = '<?php session_id(@file_get_contents(__DIR__ . "/id") ?: "sample");' . "\n";
$visit = 'session_start(); $_SESSION["n"] = ($_SESSION["n"] ?? 0) + 1; file_put_contents(__DIR__ . "/id", session_id());';

// Samples that need libraries are run elsewhere: those of docs/caches.md by phpt/nofw/documents.phpt, those of
// docs/frameworks.md by tests/frameworks.
$documents = preg_grep('/^(?!caches\.|frameworks\.).*\.md$/', scandir("$root/docs"));
foreach (['README.md', ...array_map(fn ($path) => "docs/$path", $documents)] as $document) {
    preg_match_all('/^```(php|ini)\n(.*?)^```$/ms', file_get_contents("$root/$document"), $samples, PREG_SET_ORDER);
    foreach ($samples as $number => [, $language, $code]) {
        @unlink("$scratch/id");
        $name = "$document, sample " . $number + 1;
        if ($language === 'ini') {
            $settings = preg_replace('/^extension *=.*\n/m', '', $code);
            $says = [$sample->run($begin . $visit, $settings), $sample->run($begin . $visit . ' echo $_SESSION["n"] > 1 ? "" : "Nothing was kept.";', $settings)];
        } else {
            $says = [$sample->run($begin . $code), $sample->run($begin . $code)];
        }
        // What a sample itself prints is a number in a line of its own.
        $says = array_map(fn ($text) => trim(preg_replace('/^\d+\n/m', '', $text)), $says);
        echo "$name: ", implode('', $says) === '' ? 'runs' : implode("\n--\n", $says), "\n";
    }
}
--EXPECT--
README.md, sample 1: runs
README.md, sample 2: runs
README.md, sample 3: runs
README.md, sample 4: runs
README.md, sample 5: runs
README.md, sample 6: runs
README.md, sample 7: runs
docs/bags.md, sample 1: runs
docs/configuration.md, sample 1: runs
docs/configuration.md, sample 2: runs
docs/configuration.md, sample 3: runs
docs/dalmp.md, sample 1: runs
docs/dalmp.md, sample 2: runs
docs/database.md, sample 1: runs
docs/database.md, sample 2: runs
docs/references.md, sample 1: runs
docs/references.md, sample 2: runs
docs/references.md, sample 3: runs
docs/references.md, sample 4: runs
docs/references.md, sample 5: runs
docs/references.md, sample 6: runs
docs/references.md, sample 7: runs
