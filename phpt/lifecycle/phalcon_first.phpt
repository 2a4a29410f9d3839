--TEST--
Beside the phalcon extension its classes are Phalcon's, the rest is there, and phpinfo says so
--SKIPIF--
<?php
require __DIR__ . '/../include/skip-reference.inc';
$config = escapeshellarg(getenv('PHP_CONFIG') ?: 'php-config');
if (trim((string) shell_exec("$config --version 2>&1")) !== PHP_VERSION || !shell_exec('command -v cc')) {
    die('skip needs cc and the php-config of this PHP to build the stand-in');
}
?>
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

$config = escapeshellarg(getenv('PHP_CONFIG') ?: 'php-config');
$phalcon = Face::scratch() . '/phalcon.so';
passthru('cc -shared -fPIC -o ' . escapeshellarg($phalcon) . " $($config --includes) " . escapeshellarg(dirname(__DIR__) . '/include/phalcon.c') . ' 2>&1');
preg_match('/extension=([^\s"\']+)/', (string) getenv('TEST_PHP_EXTRA_ARGS'), $match);
$seshat = $match[1];

$code = <<<'PHP'
    echo (new ReflectionClass('Phalcon\Session\Manager'))->getExtensionName(), "\n";
    var_dump(class_exists('Phalcon\Session\Adapter\Stream'), class_exists('Seshat\Handler'));
    ob_start();
    phpinfo(INFO_MODULES);
    preg_match('/^.*left out.*$/m', ob_get_clean(), $line);
    echo $line[0] ?? 'nothing is said', "\n";
    ini_set('session.save_path', 'files://' . sys_get_temp_dir());
    var_dump(session_start(), session_destroy());
PHP;
$ini = '-d session.save_handler=seshat -d session.use_cookies=0 -d session.cache_limiter= -d output_buffering=4096';
foreach ([[$phalcon, $seshat], [$seshat, $phalcon]] as [$first, $second]) {
    passthru(escapeshellarg(getenv('TEST_PHP_EXECUTABLE')) . " -n -d extension=$first -d extension=$second $ini -r " . escapeshellarg($code) . ' 2>&1');
}
?>
--EXPECT--
phalcon
bool(false)
bool(true)
Classes of phalcon => left out: Phalcon\Session\Manager exists already
bool(true)
bool(true)
phalcon
bool(false)
bool(true)
Classes of phalcon => left out: Phalcon\Session\Manager exists already
bool(true)
bool(true)
