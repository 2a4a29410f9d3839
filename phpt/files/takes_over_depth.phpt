--TEST--
PHP's form depth;mode;/path with hashed folders
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

ob_start();
$folder = Face::scratch();
mkdir("$folder/v/i", 0700, true);
function visit(string $handler, string $path): int
{
    ini_set('session.save_handler', $handler);
    ini_set('session.save_path', $path);
    session_id('visitor');
    session_start();
    $_SESSION['n'] = ($_SESSION['n'] ?? 0) + 1;
    session_write_close();
    return $_SESSION['n'];
}
says('PHP', visit('files', "2;0600;$folder"));
says('ours', visit('seshat', "2;0600;$folder"));
says('ours, as a DSN', visit('seshat', "files://$folder?depth=2"));
says('PHP', visit('files', "2;$folder"));
says('the file', file_get_contents("$folder/v/i/sess_visitor"));
--EXPECT--
PHP: 1
ours: 2
ours, as a DSN: 3
PHP: 4
the file: 'n|i:4;'
