--TEST--
A direct call that fails throws Seshat\Exception
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

$handler = new Seshat\Handler('memory:');
foreach (['../etc/passwd', 'a/b', "nul\0byte", 'under_score', '', str_repeat('x', 257)] as $id) {
    foreach ([fn () => $handler->read($id), fn () => $handler->write($id, ''), fn () => $handler->destroy($id)] as $call) {
        try {
            $call();
            echo "accepted\n";
        } catch (Seshat\Exception $e) {
            echo $e->getMessage(), "\n";
        }
    }
    says('valid', $handler->validateId($id));
}
--EXPECT--
session read: the session id contains characters other than a-z, A-Z, 0-9, "," and "-"
session write: the session id contains characters other than a-z, A-Z, 0-9, "," and "-"
session destroy: the session id contains characters other than a-z, A-Z, 0-9, "," and "-"
valid: no
session read: the session id contains characters other than a-z, A-Z, 0-9, "," and "-"
session write: the session id contains characters other than a-z, A-Z, 0-9, "," and "-"
session destroy: the session id contains characters other than a-z, A-Z, 0-9, "," and "-"
valid: no
session read: the session id contains characters other than a-z, A-Z, 0-9, "," and "-"
session write: the session id contains characters other than a-z, A-Z, 0-9, "," and "-"
session destroy: the session id contains characters other than a-z, A-Z, 0-9, "," and "-"
valid: no
session read: the session id contains characters other than a-z, A-Z, 0-9, "," and "-"
session write: the session id contains characters other than a-z, A-Z, 0-9, "," and "-"
session destroy: the session id contains characters other than a-z, A-Z, 0-9, "," and "-"
valid: no
session read: the session id is empty
session write: the session id is empty
session destroy: the session id is empty
valid: no
session read: the session id is longer than 256 characters
session write: the session id is longer than 256 characters
session destroy: the session id is longer than 256 characters
valid: no
