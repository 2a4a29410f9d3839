--TEST--
A direct call of a handler's methods neither waits for the lock nor takes it
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

Face::role('hold', function (Face $face) {
    $face->start('busy');
    tell('held');
    hear();
});
Face::main(function (Face $face) {
    $face->plant('busy', 'n|i:1;');
    $holder = $face->spawn('hold');
    says('the other process', $holder->line());

    $handler = $face->handler();
    $began = microtime(true);
    says('opens', $handler->open('', 'PHPSESSID'));
    says('validates', $handler->validateId('busy'));
    says('reads', $handler->read('busy'));
    says('reads a missing one', $handler->read('nobody'));
    says('writes', $handler->write('beside', 'n|i:5;'));
    says('touches', $handler->updateTimestamp('beside', 'n|i:5;'));
    says('destroys', $handler->destroy('beside'));
    says('destroys a missing one', $handler->destroy('beside'));
    says('collects', is_int($handler->gc(1440)));
    says('closes', $handler->close());
    says('makes ids', preg_match('/^[0-9a-v]{32}$/', $handler->create_sid()) === 1);
    says('at once', microtime(true) - $began < 2);

    $holder->say('go on');
    $holder->rest();
    // Nothing of the above left a lock behind.
    $holder = $face->spawn('hold');
    says('the next process', $holder->line(5));
    $holder->say('go on');
    $holder->rest();
});
--EXPECT--
the other process: 'held'
opens: yes
validates: yes
reads: 'n|i:1;'
reads a missing one: ''
writes: yes
touches: yes
destroys: yes
destroys a missing one: yes
collects: yes
closes: yes
makes ids: yes
at once: yes
the next process: 'held'
