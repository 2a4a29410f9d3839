--TEST--
A folder that may not be written to
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; if (getmyuid() === 0 || !is_readable("/proc/self/status") || preg_match("/^Uid:\\s+0\\s/m", file_get_contents("/proc/self/status"))) die("skip root may write everywhere"); ?>
--INI--
session.use_cookies=0
session.use_only_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

Face::main(function (Face $face) {
    chmod($face->folder, 0500);
    $warnings = [];
    set_error_handler(function (int $level, string $message) use (&$warnings) {
        $warnings[] = $message;
        return true;
    });
    says('starts and stores', $face->start('visitor') && session_write_close() && $warnings === []);
    says('says why', (bool) preg_grep("/$face->store .* at .*$face->store-$face->way.*: .*(denied|readonly|read-only|unable)/i", $warnings));
    chmod($face->folder, 0700);
}, ['files', 'sqlite']);
--EXPECT--
starts and stores: no
says why: yes
