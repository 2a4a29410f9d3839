--TEST--
on_unavailable: an empty session that replaces nothing, or a second store, while the server is away
--SKIPIF--
<?php require __DIR__ . '/../include/skip-without-redis.inc'; ?>
--INI--
session.use_cookies=0
session.use_strict_mode=1
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';
require __DIR__ . '/../include/redis.inc';

Face::main(function (Face $face) {
    $server = new OwnRedis($face->folder);
    $use = function (string $choice) use ($face, $server) {
        $dsn = "redis://127.0.0.1:$server->port/0?on_unavailable=$choice";
        $face->way === 'class'
            ? session_set_save_handler(new Seshat\Handler($dsn), true)
            : ini_set('session.save_path', $dsn);
    };
    $warnings = [];
    set_error_handler(function (int $level, string $message) use (&$warnings) {
        if (error_reporting() & $level) {
            $warnings[] = $message;
        }
        return true;
    });
    $told = function () use (&$warnings): string {
        [$list, $warnings] = [$warnings, []];
        return implode(' | ', preg_replace(['/^.*?\(\): /', '/at 127\.0\.0\.1:\d+: .*?; (?=\w+ at )/', '/at 127\.0\.0\.1:\d+: .*?; (?=the )/', '/\/\S+/', '/session \w+\.\.\./'], ['', 'away; ', 'away; ', 'PATH', 'session ID'], $list));
    };

    $use('empty-readonly');
    session_start();
    $visitor = session_id();
    $_SESSION['n'] = 1;
    session_write_close();
    says('all well', $told() === '');

    $server->stop(9);
    says('it starts', $face->start($visitor));
    says('it is empty', $_SESSION === []);
    says('the visitor keeps the id', session_id() === $visitor);
    echo $told(), "\n";
    $_SESSION['n'] = 99;
    says('it gets another id', session_regenerate_id());
    says('and it is said why', str_contains(explode(' | ', $told())[0], 'keeps its id: the storage was away'));
    says('the visitor still has the id', session_id() === $visitor);
    session_write_close();
    says('it starts again', $face->start($visitor) && $_SESSION === []);
    $told();
    $_SESSION['n'] = 99;
    says('it closes', session_write_close());
    says('without another word', $told() === '');

    $server->start();
    says('what was stored is there', $face->start($visitor) && $_SESSION === ['n' => 1]);
    session_write_close();
    says('nothing is said', $told() === '');

    mkdir("$face->folder/second");
    $use("files://$face->folder/second");
    says('the first store', $face->start($visitor) && $_SESSION === ['n' => 1]);
    session_write_close();
    $server->stop(9);
    says('the second store', $face->start($visitor) && $_SESSION === []);
    echo $told(), "\n";
    says('a stranger there, so that the id is new', session_id() !== $visitor);
    $_SESSION['n'] = 2;
    $second = session_id();
    session_write_close();
    $told();
    says('it is kept there', $face->start($second) && $_SESSION === ['n' => 2]);
    session_regenerate_id(true);
    session_write_close();
    $server->start();
    // After some failures in a row it is left alone for a moment.
    says('the first store again', await(function () use ($face, $visitor) {
        $face->start($visitor);
        $found = $_SESSION === ['n' => 1];
        session_write_close();
        return $found;
    }));
    $told();
    says('as ever', $face->start($visitor) && $_SESSION === ['n' => 1]);
    says('without a word', $told() === '');
}, ['redis']);
--EXPECT--
all well: yes
it starts: yes
it is empty: yes
the visitor keeps the id: yes
redis read away; the session is empty and nothing of it is stored
it gets another id: no
and it is said why: yes
the visitor still has the id: yes
it starts again: yes
it closes: yes
without another word: yes
what was stored is there: yes
nothing is said: yes
the first store: yes
the second store: yes
redis open away; files at PATH is used meanwhile | redis open away; files at PATH is used meanwhile
a stranger there, so that the id is new: yes
it is kept there: yes
the first store again: yes
as ever: yes
without a word: yes
