--TEST--
OPcache knows of methods that children declare otherwise: a preloaded child and its child
--SKIPIF--
<?php
require __DIR__ . '/../include/skip-reference.inc';
if (!class_exists('Phalcon\\Session\\Bag')) die('skip the family is not there');
if (!is_file(ini_get('extension_dir') . '/opcache.so')) die('skip no opcache');
?>
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

$scratch = (getenv('SESHAT_SCRATCH') ?: sys_get_temp_dir()) . '/preloaded-' . getmypid();
file_put_contents("$scratch-classes.php", <<<'PHP'
    <?php
    class Middle extends Phalcon\Session\Manager
    {
        public function container(): ?object
        {
            return $this->getDI();
        }

        public function answer(): string
        {
            $answer = $this->setDI(new stdClass());
            return $answer === null ? 'null' : $answer;
        }
    }
    class Last extends Middle
    {
        public function getDI(): string
        {
            return 'text';
        }

        public function setDI(object $container): string
        {
            return 'text';
        }
    }
    PHP);
file_put_contents("$scratch-run.php", <<<'PHP'
    <?php
    echo (new Last())->answer(), "\n";
    try {
        var_dump((new Last())->container());
    } catch (TypeError $error) {
        echo $error->getMessage(), "\n";
    }
    PHP);
$settings = ['opcache.enable_cli' => 1, 'opcache.preload' => "$scratch-classes.php"];
if (function_exists('posix_geteuid') && posix_geteuid() === 0) {
    $settings['opcache.preload_user'] = 'root';
}
$command = escapeshellarg(getenv('TEST_PHP_EXECUTABLE') ?: PHP_BINARY) . ' ' . getenv('TEST_PHP_EXTRA_ARGS') . ' -d zend_extension=opcache';
foreach ($settings as $name => $value) {
    $command .= ' -d ' . escapeshellarg("$name=$value");
}
passthru("$command -f " . escapeshellarg("$scratch-run.php") . ' 2>&1');
array_map('unlink', ["$scratch-classes.php", "$scratch-run.php"]);
--EXPECT--
text
Middle::container(): Return value must be of type ?object, string returned
