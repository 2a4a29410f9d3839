--TEST--
Upload progress goes through the store before the script runs
--CGI--
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; ?>
--INI--
file_uploads=1
upload_max_filesize=1024
session.upload_progress.enabled=1
session.upload_progress.cleanup=0
session.upload_progress.prefix=upload_progress_
session.upload_progress.name=PHP_SESSION_UPLOAD_PROGRESS
session.upload_progress.freq=0
session.upload_progress.min_freq=0
session.name=PHPSESSID
session.use_cookies=1
session.use_only_cookies=1
session.use_strict_mode=0
session.cache_limiter=
session.gc_probability=0
session.save_handler=seshat
session.save_path="{TMP}/seshat-upload-progress"
--COOKIE--
PHPSESSID=uploadprogress
--POST_RAW--
Content-Type: multipart/form-data; boundary=---------------------------20896060251896012921717172737
-----------------------------20896060251896012921717172737
Content-Disposition: form-data; name="PHPSESSID"

uploadprogress
-----------------------------20896060251896012921717172737
Content-Disposition: form-data; name="PHP_SESSION_UPLOAD_PROGRESS"

cart
-----------------------------20896060251896012921717172737
Content-Disposition: form-data; name="file1"; filename="file1.txt"

1
-----------------------------20896060251896012921717172737
Content-Disposition: form-data; name="file2"; filename="file2.txt"

2
-----------------------------20896060251896012921717172737--
--FILE--
<?php
session_start();
$progress = $_SESSION['upload_progress_cart'];
var_dump(session_id(), count($_FILES), $progress['done'], count($progress['files']));
var_dump($progress['files'][0]['name'], $progress['files'][1]['done']);
session_destroy();
rmdir(sys_get_temp_dir() . '/seshat-upload-progress');
?>
--EXPECT--
string(14) "uploadprogress"
int(2)
bool(true)
int(2)
string(9) "file1.txt"
bool(true)
