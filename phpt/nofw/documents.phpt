--TEST--
The samples of docs/caches.md run, twice, without a word of complaint
--EXTENSIONS--
igbinary
redis
--SKIPIF--
<?php require __DIR__ . '/../include/skip-without-libraries.inc'; ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/caches.inc';

[$role, $arguments] = role();
if ($role === 'sample') {
    [$folder, $number] = $arguments;
    library('Symfony/Component/Cache');
    library('Psr/SimpleCache');
    set_include_path($folder);
    // The same visitor the second time. In strict mode the id is PHP's choice.
    session_id(is_file("$folder/id") ? file_get_contents("$folder/id") : 'sample');
    require "$folder/sample-$number.php";
    file_put_contents("$folder/id", session_id());
    echo json_encode($_SESSION), "\n";
    $_SESSION['sample'] = $number;
    exit;
}
$scratch = Face::scratch();
mkdir("$scratch/vendor");
touch("$scratch/vendor/autoload.php");
// Where a sample keeps its sessions.
$places = ['127.0.0.1:6379' => '127.0.0.1:' . getenv('SESHAT_REDIS_PORT'), "'sessions'" => "'" . strtr(basename($scratch), '.', '-') . "'"];
preg_match_all('/^```php\n(.*?)^```$/ms', file_get_contents(dirname(__DIR__, 2) . '/docs/caches.md'), $samples);
foreach ($samples[1] as $i => $sample) {
    $number = $i + 1;
    file_put_contents("$scratch/sample-$number.php", '<?php ' . strtr($sample, $places));
    foreach (['first', 'second'] as $visit) {
        echo "sample $number, $visit visit: ", again('sample', $scratch, $number)->rest();
    }
}
--EXPECT--
sample 1, first visit: []
sample 1, second visit: {"sample":1}
sample 2, first visit: {"sample":1}
sample 2, second visit: {"sample":2}
