--TEST--
Storage\Adapter\Stream: keys that are paths, planted links, half files, folders that cannot be used
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; if (!class_exists('Phalcon\\Storage\\Adapter\\Stream')) die('skip the family is not there'); ?>
--FILE--
<?php
require __DIR__ . '/../include/storage.inc';

set_error_handler(fn (int $level, string $message) => print("told: $message\n"));
$root = Face::scratch();
$folder = "$root/storage";
$tell = fn (Throwable $e) => $e::class . ': ' . str_replace($root, 'ROOT', $e->getMessage());
$try = function (string $what, callable $act) use ($tell) {
    try {
        shows($what, $act());
    } catch (Throwable $e) {
        echo "$what: ", $tell($e), "\n";
    }
};
$storage = storage('stream', ['storageDir' => $folder]);
$storage->set('seed', 1);
mkdir("$root/outside");
file_put_contents("$root/outside/x", serialize(['created' => time(), 'ttl' => 'forever', 'content' => 's:6:"secret";']));
foreach (['../../outside/x', '../x', 'a/b', '/etc/passwd', '', '.', '..', "a\0b", '.seshat-tmp-1'] as $key) {
    $try('reads ' . json_encode($key), fn () => [$storage->get($key, 'default'), $storage->has($key), $storage->delete($key), $storage->increment($key)]);
    $try('writes', fn () => $storage->set($key, 'v'));
}
$try('a name that is too long', fn () => $storage->set(str_repeat('x', 300), 'v'));
$try('reads it', fn () => $storage->get(str_repeat('x', 300), 'default'));
foreach (['..', '../outside', 'a/../..'] as $prefix) {
    $try("prefix $prefix", fn () => storage('stream', ['storageDir' => $folder, 'prefix' => $prefix]));
}
shows('nothing got out', [glob("$root/*") === ["$root/outside", "$root/storage"], glob("$root/outside/*") === ["$root/outside/x"]]);

// Links that somebody put there.
mkdir("$folder/ph-strm/l");
symlink("$root/outside/x", "$folder/ph-strm/l/l");
symlink("$root/outside", "$folder/ph-strm/x");
$try('a linked file', fn () => $storage->get('l'));
$try('counts it', fn () => $storage->increment('l'));
$try('replaces the link itself', fn () => [$storage->set('l', 'mine'), $storage->get('l'), is_link("$folder/ph-strm/l/l")]);
$try('a linked folder', fn () => $storage->get('x'));
$try('writes into it', fn () => $storage->set('x', 'v'));
$try('deletes from it', fn () => $storage->delete('x'));
$try('lists and clears', fn () => [$storage->getKeys(), $storage->clear(), $storage->getKeys()]);
shows('what is outside stays', [is_file("$root/outside/x"), count(glob("$root/outside/*"))]);
symlink("$root/outside", "$folder/linked");
$try('a linked prefix', fn () => storage('stream', ['storageDir' => $folder, 'prefix' => 'linked'])->clear());

// Other things in a value's place.
mkdir("$folder/ph-strm/d/d", 0777, true);
$try('a folder', fn () => $storage->get('d'));
$try('writes over it', fn () => $storage->set('d', 'v'));
$try('deletes it', fn () => [$storage->delete('d') ? 'yes' : 'no', is_dir("$folder/ph-strm/d/d")]);
mkdir("$folder/ph-strm/p");
exec("mkfifo " . escapeshellarg("$folder/ph-strm/p/p"));
$try('a pipe', fn () => $storage->get('p'));
file_put_contents("$folder/ph-strm/f", 'x');
$try('a file for a folder', fn () => $storage->set('f', 'v'));
file_put_contents("$folder/ph-strm/l/.seshat-tmp-left", 'half');
shows('unfinished files', [$storage->getKeys(), $storage->clear(), file_exists("$folder/ph-strm/l/.seshat-tmp-left")]);

// Whoever writes in place holds a lock meanwhile.
mkdir("$folder/ph-strm/w");
$script = '$f = fopen($argv[1], "c"); flock($f, LOCK_EX); fwrite($f, "a:3:{"); fflush($f); echo "half\n"; usleep(100_000); rewind($f); fwrite($f, serialize(["created" => time(), "ttl" => 60, "content" => 5])); fflush($f);';
$writer = proc_open([PHP_BINARY, '-n', '-r', $script, "$folder/ph-strm/w/w"], [1 => ['pipe', 'w']], $pipes);
shows('a writer', fgets($pipes[1]));
shows('is waited for', $storage->get('w', 'default'));
proc_close($writer);

// open_basedir.
$before = storage('stream', ['storageDir' => '/nonexistent/storage']);
ini_set('open_basedir', $root);
$try('allowed', fn () => $storage->set('k', 'v'));
$try('not allowed', fn () => storage('stream', ['storageDir' => '/nonexistent/storage']));
$try('not any more', fn () => $before->get('k'));
--EXPECT--
reads "..\/..\/outside\/x": ["default",false,false,false]
writes: Phalcon\Storage\Exceptions\StorageError: stream write: the key cannot be a file's name: it is empty or dots alone, has a slash or a NUL byte in it, or begins like unfinished files (.seshat-tmp-)
reads "..\/x": ["default",false,false,false]
writes: Phalcon\Storage\Exceptions\StorageError: stream write: the key cannot be a file's name: it is empty or dots alone, has a slash or a NUL byte in it, or begins like unfinished files (.seshat-tmp-)
reads "a\/b": ["default",false,false,false]
writes: Phalcon\Storage\Exceptions\StorageError: stream write: the key cannot be a file's name: it is empty or dots alone, has a slash or a NUL byte in it, or begins like unfinished files (.seshat-tmp-)
reads "\/etc\/passwd": ["default",false,false,false]
writes: Phalcon\Storage\Exceptions\StorageError: stream write: the key cannot be a file's name: it is empty or dots alone, has a slash or a NUL byte in it, or begins like unfinished files (.seshat-tmp-)
reads "": ["default",false,false,false]
writes: Phalcon\Storage\Exceptions\StorageError: stream write: the key cannot be a file's name: it is empty or dots alone, has a slash or a NUL byte in it, or begins like unfinished files (.seshat-tmp-)
reads ".": ["default",false,false,false]
writes: Phalcon\Storage\Exceptions\StorageError: stream write: the key cannot be a file's name: it is empty or dots alone, has a slash or a NUL byte in it, or begins like unfinished files (.seshat-tmp-)
reads "..": ["default",false,false,false]
writes: Phalcon\Storage\Exceptions\StorageError: stream write: the key cannot be a file's name: it is empty or dots alone, has a slash or a NUL byte in it, or begins like unfinished files (.seshat-tmp-)
reads "a\u0000b": ["default",false,false,false]
writes: Phalcon\Storage\Exceptions\StorageError: stream write: the key cannot be a file's name: it is empty or dots alone, has a slash or a NUL byte in it, or begins like unfinished files (.seshat-tmp-)
reads ".seshat-tmp-1": ["default",false,false,false]
writes: Phalcon\Storage\Exceptions\StorageError: stream write: the key cannot be a file's name: it is empty or dots alone, has a slash or a NUL byte in it, or begins like unfinished files (.seshat-tmp-)
a name that is too long: Phalcon\Storage\Exceptions\StorageError: stream write in ROOT/storage/: cannot put the value in its place (File name too long)
reads it: "default"
prefix ..: Phalcon\Storage\Exceptions\InvalidConfiguration: stream: the prefix leads out of the folder
prefix ../outside: Phalcon\Storage\Exceptions\InvalidConfiguration: stream: the prefix leads out of the folder
prefix a/../..: Phalcon\Storage\Exceptions\InvalidConfiguration: stream: the prefix leads out of the folder
nothing got out: [true,true]
a linked file: Phalcon\Storage\Exceptions\StorageError: stream read in ROOT/storage/: the value's file is a symbolic link
counts it: Phalcon\Storage\Exceptions\StorageError: stream read in ROOT/storage/: the value's file is a symbolic link
replaces the link itself: [true,"mine",false]
a linked folder: Phalcon\Storage\Exceptions\StorageError: stream read in ROOT/storage/: a sub-folder is a symbolic link, or no folder
writes into it: Phalcon\Storage\Exceptions\StorageError: stream write in ROOT/storage/: a sub-folder is a symbolic link, or no folder
deletes from it: Phalcon\Storage\Exceptions\StorageError: stream read in ROOT/storage/: a sub-folder is a symbolic link, or no folder
lists and clears: [["ph-strml","ph-strmseed"],true,[]]
what is outside stays: [true,1]
a linked prefix: Phalcon\Storage\Exceptions\StorageError: stream clear in ROOT/storage/: a sub-folder is a symbolic link, or no folder
a folder: Phalcon\Storage\Exceptions\StorageError: stream read in ROOT/storage/: what stands in the value's place is no file
writes over it: Phalcon\Storage\Exceptions\StorageError: stream write in ROOT/storage/: cannot put the value in its place (Is a directory)
deletes it: Phalcon\Storage\Exceptions\StorageError: stream read in ROOT/storage/: what stands in the value's place is no file
a pipe: Phalcon\Storage\Exceptions\StorageError: stream read in ROOT/storage/: what stands in the value's place is no file
a file for a folder: Phalcon\Storage\Exceptions\StorageError: stream write in ROOT/storage/: a sub-folder is a symbolic link, or no folder
unfinished files: [["ph-strmf"],true,false]
a writer: "half\n"
is waited for: 5
allowed: yes
not allowed: Phalcon\Storage\Exceptions\InvalidConfiguration: option "storageDir": open_basedir does not allow /nonexistent/storage/
not any more: Phalcon\Storage\Exceptions\InvalidConfiguration: option "storageDir": open_basedir does not allow /nonexistent/storage/
