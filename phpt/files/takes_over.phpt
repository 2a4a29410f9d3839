--TEST--
A folder that PHP's own files handler wrote is taken over, and given back
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
function visit(string $handler, string $path, string $id): mixed
{
    ini_set('session.save_handler', $handler);
    ini_set('session.save_path', $path);
    session_id($id);
    session_start();
    $_SESSION['visits'] = ($_SESSION['visits'] ?? 0) + 1;
    $_SESSION['by'][] = $handler;
    session_write_close();
    return $_SESSION;
}
visit('files', $folder, 'visitor');
visit('seshat', $folder, 'visitor');
visit('seshat', "files://$folder", 'visitor');
says('in turn', visit('files', $folder, 'visitor'));
says('one file', preg_grep('/^\./', scandir($folder), PREG_GREP_INVERT));
--EXPECTF--
in turn: array (
  'visits' => 4,
  'by' => 
  array (
    0 => 'files',
    1 => 'seshat',
    2 => 'seshat',
    3 => 'files',
  ),
)
one file: array (
  %d => 'sess_visitor',
)
