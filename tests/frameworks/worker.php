<?php
// One process that answers many requests, as RoadRunner's workers do, through the page's middleware:
//
//     php worker.php FOLDER DSN WAY         runs the whole, and prints a line for each check
//     php worker.php FOLDER DSN WAY ROLE    what the whole starts beside itself
//
// FOLDER is what prepare.php made. WAY says how Seshat is told: "native" by php.ini, "once" by an
// object before the loop, "anew" by an object for each request.

declare(strict_types=1);

require 'Slim/Psr7/autoload.php';
require __DIR__ . '/apps/psr15-interfaces.php';

use Psr\Http\Message\ResponseInterface;
use Psr\Http\Message\ServerRequestInterface;
use Psr\Http\Server\RequestHandlerInterface;
use Slim\Psr7\Factory\ServerRequestFactory;
use Slim\Psr7\Response;

const CYCLES = 10_000;
const USERS = 7;
const RAISES = 300;

[, $folder, $dsn, $way] = $argv;
$role = $argv[4] ?? 'whole';
require "$folder/page/WorkerSession.php";

// The page's php.ini is in force; the store is this run's, and an object must not need the setting.
ini_set('session.save_handler', $way === 'native' ? 'seshat' : 'files');
ini_set('session.save_path', $way === 'native' ? $dsn : '/nowhere');

set_error_handler(function (int $level, string $text, string $file, int $line) {
    throw new ErrorException($text, 0, $level, $file, $line);
});

/** A request in a worker: what a page does with its session. */
final class Page implements RequestHandlerInterface
{
    /** @var callable(): mixed */
    public $does;
    /** What was in the session when the page began. */
    public array $found = [];
    public mixed $told = null;

    public function handle(ServerRequestInterface $request): ResponseInterface
    {
        $this->found = $_SESSION;
        $this->told = ($this->does)();
        return new Response();
    }
}

/** The worker, and the browsers' part: cookies. */
final class Worker
{
    private readonly WorkerSession $middleware;
    private readonly ServerRequestInterface $request;
    public readonly Page $page;

    public function __construct(private readonly string $dsn, private readonly string $way)
    {
        $this->middleware = new WorkerSession();
        $this->request = (new ServerRequestFactory())->createServerRequest('GET', '/');
        $this->page = new Page();
        if ($way === 'once') {
            session_set_save_handler(new Seshat\Handler($dsn), true);
        }
    }

    /** Answers a request and gives the cookie that the browser has afterwards. */
    public function answer(mixed $cookie, callable $does): string
    {
        if ($this->way === 'anew') {
            session_set_save_handler(new Seshat\Handler($this->dsn), true);
        }
        $this->page->does = $does;
        $request = $this->request->withCookieParams($cookie === null ? [] : [session_name() => $cookie]);
        $set = $this->middleware->process($request, $this->page)->getHeader('Set-Cookie');
        if ($set === []) {
            return is_string($cookie) ? $cookie : '';
        }
        preg_match('/^' . session_name() . '=([^;]*)/', $set[0], $match);
        return $match[1];
    }
}

function count_up(): int
{
    return $_SESSION['count'] = ($_SESSION['count'] ?? 0) + 1;
}

/** Starts this file in another role: the process, its input and its output. */
function beside(string $role, string ...$arguments): array
{
    global $folder, $dsn, $way;
    $settings = ['-c', php_ini_loaded_file(), '-d', 'extension_dir=' . ini_get('extension_dir')];
    $process = proc_open([PHP_BINARY, ...$settings, __FILE__, $folder, $dsn, $way, $role, ...$arguments], [['pipe', 'r'], ['pipe', 'w']], $pipes);
    return [$process, ...$pipes];
}

$worker = new Worker($dsn, $way);

// Raises one visitor's count, from a line on.
if ($role === 'raise') {
    fwrite(STDOUT, "ready\n");
    fgets(STDIN);
    for ($i = 0; $i < RAISES; $i++) {
        $worker->answer($argv[5], 'count_up');
    }
    exit;
}
// Takes each session's lock at once, or says that it could not.
if ($role === 'lock') {
    session_set_save_handler(new Seshat\Handler($dsn, ['lock_wait' => 0]), true);
    foreach (array_slice($argv, 5) as $id) {
        session_id($id);
        try {
            session_start();
            session_abort();
        } catch (ErrorException $error) {
            echo $error->getMessage(), "\n";
        }
    }
    exit;
}

function check(string $what, bool $holds, mixed $instead = null): void
{
    global $dsn, $way;
    $store = strtok($dsn, ':');
    $line = ($holds ? 'PASS' : 'FAIL') . " worker, $store, $way: $what" . ($holds || $instead === null ? '' : ', instead: ' . json_encode($instead)) . "\n";
    // After output PHP's own takes no other handler any more; sessions it starts with the page's settings.
    $way === 'anew' ? fwrite(STDOUT, $line) : print($line);
}

/** How many connections the Redis server has had. */
function connections(): int
{
    global $dsn;
    $socket = stream_socket_client('tcp://' . parse_url($dsn, PHP_URL_HOST) . ':' . parse_url($dsn, PHP_URL_PORT), timeout: 5);
    fwrite($socket, "INFO stats\r\n");
    do {
        $line = (string) fgets($socket);
    } while (!str_starts_with($line, 'total_connections_received:') && !feof($socket));
    return (int) substr($line, strlen('total_connections_received:'));
}

function resident(): int
{
    return (int) explode(' ', (string) file_get_contents('/proc/self/statm'))[1] * 4096;
}

$isRedis = str_starts_with($dsn, 'redis:');
$before = $isRedis ? connections() : 0;
$cookies = array_fill(0, USERS, null);
$counts = array_fill(0, USERS, 0);
$leaks = [];
$memory = [];
for ($i = 0; $i < CYCLES; $i++) {
    $user = $i % USERS;
    $known = $cookies[$user] !== null;
    $raised = 1;
    $does = fn () => [$_SESSION['user'] = $user, count_up()];
    $cookie = $cookies[$user];
    // Every so often something else than an ordinary page, at odds with the number of users.
    switch ($i % 25) {
        case 3: // reads alone, twice, in the middle of a page
            $does = function () use ($does) {
                $does();
                session_write_close();
                session_start(['read_and_close' => true]);
                session_start(['read_and_close' => true]);
                $_SESSION['count'] = -1; // is written nowhere
            };
            break;
        case 7: // throws its changes away
            $does = function () use ($does) {
                $does();
                session_abort();
            };
            $raised = 0;
            break;
        case 11: // goes back to what was stored, then counts
            $does = function () use ($does) {
                $_SESSION['count'] = -1;
                session_reset();
                $does();
            };
            break;
        case 13: // logs in: another id
            $does = function () use ($does) {
                $does();
                session_regenerate_id(true);
            };
            break;
        case 17: // fails
            $does = function () use ($does) {
                $does();
                throw new DomainException('the page failed');
            };
            break;
        case 19: // logs out
            $does = function () {
                session_destroy();
            };
            break;
        case 21: // an unknown visitor between two known ones
        case 22: // ... with an id that he made up
        case 23: // ... that is none
        case 24: // ... whose cookie is an array
            $made = [21 => null, 22 => str_repeat('f0', 16), 23 => '../../etc/passwd', 24 => ['a' => 'b']][$i % 25];
            $got = $worker->answer($made, fn () => session_destroy());
            if ($worker->page->found !== [] || $got !== '' || in_array($made, $cookies, true) && $made !== null) {
                $leaks[] = "cycle $i: a stranger found " . json_encode($worker->page->found) . ", cookie $got";
            }
            continue 2;
    }
    try {
        $cookies[$user] = $worker->answer($cookie, $does);
    } catch (DomainException) {
        // Without an answer a new visitor gets no cookie.
        if (!$known) {
            $raised = -$counts[$user];
        }
    }
    $expected = $counts[$user] === 0 ? [] : ['user' => $user, 'count' => $counts[$user]];
    if ($worker->page->found != $expected) {
        $leaks[] = "cycle $i: user $user found " . json_encode($worker->page->found) . ' and not ' . json_encode($expected);
    }
    $counts[$user] += $raised;
    if ($i % 25 === 19 || $cookies[$user] === '') {
        if ($cookies[$user] !== '') {
            $leaks[] = "cycle $i: a log-out left the cookie {$cookies[$user]}";
        }
        [$cookies[$user], $counts[$user]] = [null, 0];
    }
    if ($_SESSION !== [] || session_status() !== PHP_SESSION_NONE) {
        $leaks[] = "cycle $i: the session stayed";
    }
    if ($i === 2000) {
        $memory = [memory_get_usage(), resident()];
    }
}
check(CYCLES . ' requests in one process, each with the session of its visitor', $leaks === [], array_slice($leaks, 0, 3));
$grown = [memory_get_usage() - $memory[0], resident() - $memory[1]];
check('no memory is lost', $grown[0] < 16_384 && $grown[1] < 2_000_000, $grown);
if ($isRedis) {
    // An object that follows another one is made while that one still has its connection.
    $new = connections() - $before - 1;
    check('all of them over one connection', $new <= ($way === 'anew' ? 2 : 1), $new);
}

[$process, , $output] = beside('lock', ...array_filter($cookies));
$refused = stream_get_contents($output);
check('no session is left locked', proc_close($process) === 0 && $refused === '', $refused);

// Two more workers and this one raise the same count.
$cookie = $worker->answer(null, fn () => $_SESSION['count'] = 0);
$others = [beside('raise', $cookie), beside('raise', $cookie)];
$ready = array_map(fn (array $other) => fgets($other[2]), $others);
array_map(fn (array $other) => fwrite($other[1], "go\n"), $others);
for ($i = 0; $i < RAISES; $i++) {
    $worker->answer($cookie, 'count_up');
}
$ends = array_map(fn (array $other) => [stream_get_contents($other[2]), proc_close($other[0])], $others);
$worker->answer($cookie, fn () => null);
$raised = $worker->page->found['count'] ?? null;
check('three workers lose no update', $ends === [['', 0], ['', 0]] && $raised === 3 * RAISES, [$ready, $ends, $raised]);
