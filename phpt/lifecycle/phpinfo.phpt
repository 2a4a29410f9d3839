--TEST--
phpinfo() shows version, stores, families and live settings, and no secret
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
ini_set('session.save_handler', 'seshat');
ini_set('session.save_path', 'redis://u:hunter2@127.0.0.1:1/0');
ini_set('seshat.session.lock_expire', '77');
(new ReflectionExtension('seshat'))->info();
$page = ob_get_clean();
foreach (['Version => \d+\.\d+\.\d+', 'Stores => .*files.*', 'Save handler => .*seshat', 'Classes of seshat => enabled', 'Classes of nofw => enabled', 'Locking => on', 'Lock expires => 77 s'] as $line) {
    says($line, preg_match("/^$line\$/m", $page) === 1);
}
says('hunter2', str_contains($page, 'hunter2'));
--EXPECT--
Version => \d+\.\d+\.\d+: yes
Stores => .*files.*: yes
Save handler => .*seshat: yes
Classes of seshat => enabled: yes
Classes of nofw => enabled: yes
Locking => on: yes
Lock expires => 77 s: yes
hunter2: no
