--TEST--
A server that stops in mid-request: the write fails with a warning; after its restart all is well
--SKIPIF--
<?php require __DIR__ . '/../include/skip-without-redis.inc'; ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

require __DIR__ . '/../include/redis.inc';
// A server of this test's own, to be killed.
function serve(int $port, string $folder)
{
    $process = proc_open(
        "exec redis-server --port $port --bind 127.0.0.1 --save '' --appendonly yes --dir " . escapeshellarg($folder),
        [['file', '/dev/null', 'r'], ['file', "$folder/log", 'a'], ['file', "$folder/log", 'a']],
        $pipes,
    );
    await(fn () => ($socket = @fsockopen('127.0.0.1', $port)) && fwrite($socket, "PING\r\n") && str_starts_with((string) fgets($socket), '+PONG'));
    return $process;
}
function stop($process, int $signal): void
{
    proc_terminate($process, $signal);
    await(fn () => !proc_get_status($process)['running']);
}
Face::main(function (Face $face) {
    $listener = stream_socket_server('tcp://127.0.0.1:0');
    $port = (int) substr(strrchr(stream_socket_get_name($listener, false), ':'), 1);
    fclose($listener);
    mkdir($own = "$face->folder/own");
    $server = serve($port, $own);
    register_shutdown_function(function () use (&$server) {
        stop($server, 9);
    });
    // The killed server still remembers the lock when it comes back.
    $dsn = "redis://127.0.0.1:$port/0?lock_expire=2";
    $face->way === 'class'
        ? session_set_save_handler(new Seshat\Handler($dsn), true)
        : ini_set('session.save_path', $dsn);
    $warnings = [];
    set_error_handler(function (int $level, string $message) use (&$warnings) {
        // Not those of this test's own attempts to connect.
        if (error_reporting() & $level) {
            $warnings[] = $message;
        }
        return true;
    });
    $face->start('visitor');
    $_SESSION['n'] = 1;
    says('stored', session_write_close());

    // Restarted between two requests: nobody notices.
    stop($server, 15);
    $server = serve($port, $own);
    says('starts after a restart', $face->start('visitor') && $_SESSION['n'] === 1);
    says('without a word', $warnings === []);

    $_SESSION['n'] = 2;
    stop($server, 9);
    session_write_close();
    says('says that it was not stored', str_contains($warnings[0] ?? '', "(): redis write at 127.0.0.1:$port: "));
    says('starts without a server', $face->start('visitor'));

    $server = serve($port, $own);
    says('starts when it is back', $face->start('visitor') && $_SESSION['n'] === 1);
}, ['redis']);
--EXPECT--
stored: yes
starts after a restart: yes
without a word: yes
says that it was not stored: yes
starts without a server: no
starts when it is back: yes
