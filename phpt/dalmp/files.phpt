--TEST--
DALMP\Sessions\Files: where the files are, a missing session, gc, no references
--INI--
session.cache_limiter=
session.use_cookies=0
error_reporting=E_ALL
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; if (!class_exists('DALMP\\Sessions\\Files')) die('skip the family is not there'); ?>
--FILE--
<?php
ob_start();
require __DIR__ . '/../include/face.inc';

$scratch = Face::scratch();
$folder = "$scratch/made/for/it";
$files = new DALMP\Sessions\Files($folder);
says('made for its user alone', substr(decoct(fileperms($folder)), -3));
says('missing', $files->read('abcdef0123'));
says('written', $files->write('abcdef0123', 'a|i:1;'));
says('where', file_get_contents("$folder/ab/cd/ef/abcdef0123.sess"));
says('read', $files->read('abcdef0123'));
says('found by the helper', $files->rsearch($folder, '#^.*\.sess$#') === ["$folder/ab/cd/ef/abcdef0123.sess"]);
foreach (['a,-b-,c' => 'a,/-b/-,/a,-b-,c.sess', 'AbCdEf,,' => 'Ab/Cd/Ef/AbCdEf,,.sess'] as $id => $path) {
    says($id, $files->write($id, 'x|i:1;') && is_file("$folder/$path"));
}
foreach (['../../../etc', 'a.b', ''] as $id) {
    try {
        says($id, $files->write($id, 'x'));
    } catch (RuntimeException $exception) {
        says($id, $exception->getMessage());
    }
}

// One of another program that follows the same layout.
mkdir("$folder/fo/re/ig", 0700, true);
file_put_contents("$folder/fo/re/ig/foreign1.sess", 'f|b:1;');
says('of another program', $files->read('foreign1'));

// gc: what is older than it says, and nothing that is no session.
touch("$folder/ab/cd/ef/abcdef0123.sess", time() - 5000);
touch("$folder/ab/cd/ef/README", time() - 5000);
ini_set('session.gc_maxlifetime', 1000);
says('expired', $files->read('abcdef0123'));
says('collected', $files->gc(1000));
says('left', [file_exists("$folder/ab/cd/ef/abcdef0123.sess"), file_exists("$folder/ab/cd/ef/README"), $files->read('foreign1')]);
says('ended', [$files->destroy('foreign1'), $files->destroy('foreign1'), $files->read('foreign1')]);
says('references', [$files->getSessionsRefs(), $files->getSessionsRefs(true), $files->getSessionRef('a'), $files->delSessionRef('a')]);

define('DALMP_SESSIONS_DIR', "$scratch/said");
$said = new DALMP\Sessions\Files();
says('by the constant', $said->write('abcdef0123', 'a|i:1;') && is_file(DALMP_SESSIONS_DIR . '/ab/cd/ef/abcdef0123.sess'));
touch("$scratch/file");
try {
    new DALMP\Sessions\Files("$scratch/file/below");
} catch (InvalidArgumentException $exception) {
    says('no folder', str_replace($scratch, 'SCRATCH', $exception->getMessage()));
}
ob_end_flush();
?>
--EXPECT--
made for its user alone: '700'
missing: ''
written: yes
where: 'a|i:1;'
read: 'a|i:1;'
found by the helper: yes
a,-b-,c: yes
AbCdEf,,: yes
../../../etc: 'session write: the session id contains characters other than a-z, A-Z, 0-9, "," and "-"'
a.b: 'session write: the session id contains characters other than a-z, A-Z, 0-9, "," and "-"'
: 'session write: the session id is empty'
of another program: 'f|b:1;'
expired: ''
collected: 1
left: array (
  0 => false,
  1 => true,
  2 => 'f|b:1;',
)
ended: array (
  0 => true,
  1 => true,
  2 => '',
)
references: array (
  0 => false,
  1 => false,
  2 => false,
  3 => false,
)
by the constant: yes
no folder: 'SCRATCH/file/below not accessible'
