--TEST--
MongoDB: no thread, a client of one's own in a child, and a quick end
--EXTENSIONS--
pcntl
--SKIPIF--
<?php require __DIR__ . '/../include/skip-without-mongodb.inc'; if (!is_dir('/proc/self/task')) die('skip no /proc'); ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

ob_start();
$threads = fn () => count(scandir('/proc/self/task')) - 2;
$sockets = fn () => count(array_filter(
    glob('/proc/self/fd/*'),
    fn ($file) => str_starts_with((string) @readlink($file), 'socket:'),
));
$before = [$threads(), $sockets()];
$id = 'fork' . bin2hex(random_bytes(8));
$dsn = 'mongodb://127.0.0.1:' . getenv('SESHAT_MONGODB_PORT') . '/test?collection=forks';
session_set_save_handler(new Seshat\Handler($dsn));
says('nothing before the first use', [$threads(), $sockets()] === $before);
session_id($id);
session_start();
$_SESSION['n'] = 1;
session_write_close();
says('no thread', $threads() === $before[0]);
pcntl_async_signals(true);
$alarms = 0;
pcntl_signal(SIGALRM, function () use (&$alarms) {
    $alarms++;
});
pcntl_alarm(1);
for ($until = microtime(true) + 20; $alarms === 0 && microtime(true) < $until;) {
    session_start();
    session_write_close();
}
says('a signal in the middle of sessions', $alarms);
session_start();
$child = pcntl_fork();
if ($child === 0) {
    ob_end_clean();
    // The lock is the parent's, and stays it.
    $_SESSION['n'] = 'child';
    session_abort();
    $other = new Seshat\Handler($dsn);
    $other->write("$id-child", 'a|i:1;');
    exit($other->read("$id-child") === 'a|i:1;' ? 7 : 8);
}
pcntl_waitpid($child, $status);
says('the child', pcntl_wexitstatus($status));
$_SESSION['n']++;
session_write_close();
session_start();
says('the parent goes on', $_SESSION);
session_destroy();
(new Seshat\Handler($dsn))->destroy("$id-child");
$began = microtime(true);
foreach (['', '?timeout=1'] as $more) {
    // Nobody listens there: the process ends at once all the same.
    $port = $more === '' ? getenv('SESHAT_MONGODB_PORT') : 1;
    $code = "@(new Seshat\Handler('mongodb://127.0.0.1:$port/test$more'))->validateId('abc');";
    $code = "try { $code } catch (Throwable) {} echo 'done';";
    $command = escapeshellarg(getenv('TEST_PHP_EXECUTABLE')) . ' ' . getenv('TEST_PHP_EXTRA_ARGS') . ' -r ' . escapeshellarg($code);
    says('ends', shell_exec($command));
}
says('quickly', microtime(true) - $began < 15);
--EXPECT--
nothing before the first use: yes
no thread: yes
a signal in the middle of sessions: 1
the child: 7
the parent goes on: array (
  'n' => 2,
)
ends: 'done'
ends: 'done'
quickly: yes
