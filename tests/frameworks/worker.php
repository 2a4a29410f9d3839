<?php
// One process that answers many requests, as RoadRunner's workers do, through the page's middleware:
//
//     php worker.php FOLDER DSN WAY         runs the whole, and prints a line for each check
//     php worker.php FOLDER DSN WAY ROLE    what the whole starts beside itself
//
// FOLDER is what prepare.php made. WAY says how Seshat is told: "native" by php.ini, "once" by an
// object before the loop, "anew" by an object for each request; "frankenphp" by php.ini and
// "frankenphp-once" by an object from before the loop, registered for each request, when FrankenPHP, whose
// part frankenphp.c plays, parts the requests.

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
$isNative = in_array($way, ['native', 'frankenphp'], true);
ini_set('session.save_handler', $isNative ? 'seshat' : 'files');
ini_set('session.save_path', $isNative ? $dsn : '/nowhere');

set_error_handler(function (int $level, string $text, string $file, int $line) {
    throw new ErrorException($text, 0, $level, $file, $line);
});

/** A worker, and the browsers' part: cookies. */
abstract class Worker
{
    /** What was in the session when the last page began. */
    public array $found = [];

    public function __construct(protected readonly ?string $dsn)
    {
    }

    /** Answers a request by a page, and gives the cookie that the browser has afterwards. */
    abstract public function answer(mixed $cookie, callable $page): string;
}

/** One PHP request all along: the page's middleware is all that parts the visitors. */
class MiddlewareWorker extends Worker implements RequestHandlerInterface
{
    private readonly WorkerSession $middleware;
    private readonly ServerRequestInterface $request;
    /** @var callable(): mixed */
    private $page;

    public function __construct(?string $dsn)
    {
        parent::__construct($dsn);
        $this->middleware = new WorkerSession();
        $this->request = (new ServerRequestFactory())->createServerRequest('GET', '/');
        if ($dsn !== null) {
            session_set_save_handler(new Seshat\Handler($dsn), true);
        }
    }

    public function answer(mixed $cookie, callable $page): string
    {
        $this->page = $page;
        $request = $this->request->withCookieParams($cookie === null ? [] : [session_name() => $cookie]);
        $set = $this->middleware->process($request, $this)->getHeader('Set-Cookie');
        if ($set === []) {
            return is_string($cookie) ? $cookie : '';
        }
        preg_match('/^' . session_name() . '=([^;]*)/', $set[0], $match);
        return $match[1];
    }

    public function handle(ServerRequestInterface $request): ResponseInterface
    {
        $this->found = $_SESSION;
        ($this->page)();
        return new Response();
    }
}

/** The same, with another object for each request. */
final class HandlerAnewWorker extends MiddlewareWorker
{
    public function answer(mixed $cookie, callable $page): string
    {
        session_set_save_handler(new Seshat\Handler($this->dsn), true);
        return parent::answer($cookie, $page);
    }
}

/** As FrankenPHP: PHP's own cookies, and nobody closes a session but the end of its request. */
final class FrankenphpWorker extends Worker
{
    private readonly ?Seshat\Handler $handler;

    public function __construct(?string $dsn)
    {
        parent::__construct($dsn);
        ini_set('session.use_cookies', '1');
        $this->handler = $dsn === null ? null : new Seshat\Handler($dsn);
    }

    public function answer(mixed $cookie, callable $page): string
    {
        $failure = null;
        $id = '';
        frankenphp_handle_request(function () use ($cookie, $page, &$failure, &$id) {
            $_COOKIE = $cookie === null ? [] : [session_name() => $cookie];
            try {
                if ($this->handler !== null) {
                    session_set_save_handler($this->handler, false);
                }
                session_start();
                $this->found = $_SESSION;
                $page();
            } catch (Throwable $thrown) {
                $failure = $thrown;
            }
            $id = session_id();
        });
        return $failure === null ? $id : throw $failure;
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

$worker = match ($way) {
    'native' => new MiddlewareWorker(null),
    'once' => new MiddlewareWorker($dsn),
    'anew' => new HandlerAnewWorker($dsn),
    'frankenphp' => new FrankenphpWorker(null),
    'frankenphp-once' => new FrankenphpWorker($dsn),
};

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
    // After output PHP takes no other handler, and sends no cookie. The page's recipe minds neither.
    in_array($way, ['native', 'once'], true) ? print($line) : fwrite(STDOUT, $line);
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

/** What PHP and the whole process use, without the circles that PHP has not collected yet. */
function memory(): array
{
    gc_collect_cycles();
    return [memory_get_usage(), (int) explode(' ', (string) file_get_contents('/proc/self/statm'))[1] * 4096];
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
            if ($worker->found !== [] || $got !== '' || in_array($made, $cookies, true) && $made !== null) {
                $leaks[] = "cycle $i: a stranger found " . json_encode($worker->found) . ", cookie $got";
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
    if ($worker->found != $expected) {
        $leaks[] = "cycle $i: user $user found " . json_encode($worker->found) . ' and not ' . json_encode($expected);
    }
    $counts[$user] += $raised;
    if ($i % 25 === 19 || $cookies[$user] === '') {
        if ($cookies[$user] !== '') {
            $leaks[] = "cycle $i: a log-out left the cookie {$cookies[$user]}";
        }
        [$cookies[$user], $counts[$user]] = [null, 0];
    }
    if (($_SESSION ?? []) !== [] || session_status() !== PHP_SESSION_NONE) {
        $leaks[] = "cycle $i: the session stayed";
    }
    if ($i === 2000) {
        $memory = memory();
    }
}
check(CYCLES . ' requests in one process, each with the session of its visitor', $leaks === [], array_slice($leaks, 0, 3));
$grown = array_map(fn (int $now, int $before) => $now - $before, memory(), $memory);
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
$raised = $worker->found['count'] ?? null;
check('three workers lose no update', $ends === [['', 0], ['', 0]] && $raised === 3 * RAISES, [$ready, $ends, $raised]);
