--TEST--
Upload progress goes through the store, before the script runs
--SKIPIF--
<?php if (!is_executable((string) getenv('TEST_PHP_CGI_EXECUTABLE'))) die('skip no php-cgi'); ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

// The engine follows the upload before any script could set a handler object: this is the native
// module's alone. Each tick is a whole open, read, write, close of the session.
function upload(Face $face): string
{
    $boundary = 'boundary';
    $part = fn (string $head, string $body) => "--$boundary\r\nContent-Disposition: form-data; $head\r\n\r\n$body\r\n";
    $body = $part('name="PHP_SESSION_UPLOAD_PROGRESS"', 'cart')
        . $part('name="one"; filename="one.txt"', str_repeat('1', 20_000))
        . $part('name="two"; filename="two.txt"', '2')
        . "--$boundary--\r\n";
    $settings = [
        'session.upload_progress.enabled=1',
        'session.upload_progress.cleanup=0',
        'session.upload_progress.freq=0',
        'session.upload_progress.min_freq=0',
        'session.use_cookies=1',
        'session.use_only_cookies=1',
        'session.save_handler=' . ini_get('session.save_handler'),
        'session.save_path="' . ini_get('session.save_path') . '"',
    ];
    $command = 'exec ' . escapeshellarg(getenv('TEST_PHP_CGI_EXECUTABLE')) . ' ' . getenv('TEST_PHP_EXTRA_ARGS');
    foreach ($settings as $setting) {
        $command .= ' -d ' . escapeshellarg($setting);
    }
    file_put_contents("$face->folder/receive", <<<'PHP'
        <?php
        session_start();
        $progress = $_SESSION['upload_progress_cart'];
        $_SESSION['seen'] = true;
        echo session_id(), ' ', count($_FILES), ' ', json_encode($progress['done']), ' ', count($progress['files']), ' ',
            $progress['files'][0]['name'], ' ', $progress['files'][0]['bytes_processed'], "\n";
        PHP);
    $process = proc_open($command, [['pipe', 'r'], ['pipe', 'w'], ['redirect', 1]], $pipes, null, [
        'REQUEST_METHOD' => 'POST',
        'REDIRECT_STATUS' => '1',
        'SCRIPT_FILENAME' => "$face->folder/receive",
        'CONTENT_TYPE' => "multipart/form-data; boundary=$boundary",
        'CONTENT_LENGTH' => (string) strlen($body),
        'HTTP_COOKIE' => 'PHPSESSID=uploader',
    ]);
    fwrite($pipes[0], $body);
    fclose($pipes[0]);
    $answer = stream_get_contents($pipes[1]);
    proc_close($process);
    return preg_replace('/^.*?\r\n\r\n/s', '', $answer);
}

Face::main(function (Face $face) {
    $face->plant('uploader', 'n|i:1;');
    echo upload($face);
    $stored = (string) $face->peek('uploader');
    says('what was there stays', str_contains($stored, 'n|i:1;'));
    says('the progress is stored', str_contains($stored, 'upload_progress_cart'));
    says('and the script\'s own', str_contains($stored, 'seen|b:1;'));
}, ways: ['native']);
--EXPECT--
uploader 2 true 2 one.txt 20000
what was there stays: yes
the progress is stored: yes
and the script's own: yes
