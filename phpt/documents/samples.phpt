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

$root = dirname(__DIR__, 2);
$scratch = Face::scratch();
mkdir("$scratch/sessions");
$places = ['/var/lib/app' => $scratch, '127.0.0.1:6379' => '127.0.0.1:' . getenv('SESHAT_REDIS_PORT'), '6379' => getenv('SESHAT_REDIS_PORT')];
$visit = 'session_start(); $_SESSION["n"] = ($_SESSION["n"] ?? 0) + 1; file_put_contents(__DIR__ . "/id", session_id());';

function run(string $settings, string $code): string
{
    global $scratch;
    file_put_contents("$scratch/php.ini", "session.use_cookies = 0\nsession.cache_limiter =\nerror_reporting = -1\ndisplay_errors = 1\nhtml_errors = 0\n$settings");
    // The same visitor the second time, without a cookie. In strict mode the id is PHP's choice.
    file_put_contents("$scratch/sample.php", "<?php session_id(@file_get_contents(__DIR__ . '/id') ?: 'sample');\n$code");
    // The library of this test, by its whole path: "extension = seshat" of a sample would look for an installed one.
    $command = 'exec ' . escapeshellarg(getenv('TEST_PHP_EXECUTABLE')) . ' ' . str_replace(' -n ', ' ', ' ' . getenv('TEST_PHP_EXTRA_ARGS') . ' ')
        . ' -c ' . escapeshellarg("$scratch/php.ini") . ' ' . escapeshellarg("$scratch/sample.php");
    $environment = ['PHP_INI_SCAN_DIR' => ''] + getenv();
    return (new Process($command, $environment))->rest();
}

foreach (['README.md', ...array_map(fn ($path) => "docs/$path", preg_grep('/\.md$/', scandir("$root/docs")))] as $document) {
    preg_match_all('/^```(php|ini)\n(.*?)^```$/ms', file_get_contents("$root/$document"), $samples, PREG_SET_ORDER);
    foreach ($samples as $number => [, $language, $sample]) {
        @unlink("$scratch/id");
        $sample = strtr($sample, $places);
        $name = "$document, sample " . $number + 1;
        if ($language === 'ini') {
            $settings = preg_replace('/^extension *=.*\n/m', '', $sample);
            $says = [run($settings, $visit), run($settings, $visit . ' echo $_SESSION["n"] > 1 ? "" : "Nothing was kept.";')];
        } else {
            $says = [run('', $sample), run('', $sample)];
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
docs/configuration.md, sample 1: runs
